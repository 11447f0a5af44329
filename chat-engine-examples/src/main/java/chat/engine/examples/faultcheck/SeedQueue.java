package chat.engine.examples.faultcheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Runs the seeds that were asked for on as many clusters as were asked for. */
public final class SeedQueue {
  private SeedQueue() {}

  /**
   * @return whether all seeds passed
   */
  public static boolean run(Options options, Report report)
      throws IOException, InterruptedException {
    Path folder = options.keep() == null ? Files.createTempDirectory("faultcheck") : options.keep();
    Files.createDirectories(folder);
    AtomicLong nextSeed = new AtomicLong(options.firstSeed());
    List<ClusterLane> lanes = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < Math.min(options.parallel(), options.seeds()); i++) {
      ClusterLane lane = new ClusterLane(options, folder.resolve("cluster-" + i), nextSeed, report);
      Thread thread = new Thread(lane, "cluster " + i);
      lanes.add(lane);
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    report.summary();
    boolean asExpected = options.isSabotaged() ? report.allBroken() : report.allPassed();
    return asExpected && lanes.stream().noneMatch(ClusterLane::hasFailed);
  }
}
