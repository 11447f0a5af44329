package chat.engine.examples.load;

import chat.engine.examples.server.ServerNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** A modest load of pairs who write to each other, beside which something else is measured. */
public final class LoadBeside {
  private static final int PAIRS = 20;

  /** Messages per second. */
  public static final int RATE = 200;

  private LoadBeside() {}

  /**
   * Blocks for the time and some seconds more.
   *
   * @throws IOException also if a message was lost, doubled or out of order
   */
  public static LoadRun.Result run(List<ServerNode> nodes, Duration length)
      throws IOException, InterruptedException {
    try (LoadRun run = new LoadRun(nodes)) {
      run.addPairs(PAIRS);
      LoadRun.Result result = run.load(length, RATE);
      if (!result.passed()) {
        throw new IOException("messages were lost, doubled or out of order");
      }
      return result;
    }
  }

  /** In milliseconds, from the moment at which a message was due to its acknowledgement. */
  public static double p99(LoadRun.Result result) {
    return result.acknowledged().getValueAtPercentile(99) / 1e6;
  }

  public static String line(LoadRun.Result result) {
    return String.format(
        Locale.ROOT,
        "sends at %d/s: p50 %.1f ms, p99 %.1f ms",
        RATE,
        result.acknowledged().getValueAtPercentile(50) / 1e6,
        p99(result));
  }
}
