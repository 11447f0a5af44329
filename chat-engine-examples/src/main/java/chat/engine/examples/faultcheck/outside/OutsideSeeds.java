package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.Report;
import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.check.outside.OutsideChecks;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.HistoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs the seeds that were asked for, one after the other, on servers that stay. */
public final class OutsideSeeds {
  private OutsideSeeds() {}

  /**
   * @return whether all seeds passed
   */
  public static boolean run(OutsideOptions options, Report report)
      throws IOException, InterruptedException {
    boolean passed = true;
    try (OutsideWorld world = OutsideWorld.start(options.jar(), options.nodes())) {
      for (int i = 0; i < options.seeds(); i++) {
        long seed = options.firstSeed() + i;
        OutsideRun run = new OutsideRun(world, options, seed);
        History history = run.run();
        List<Violation> violations = OutsideChecks.run(history);
        System.out.println(
            new OutsideSummary(history).line(seed, run.repeats())
                + " ["
                + OutsideRun.plan(options, seed)
                + "] "
                + (violations.isEmpty() ? "ok" : "BROKEN"));
        report.violations(history, violations);
        keep(options.keep(), seed, history, violations);
        if (!violations.isEmpty()) {
          System.out.println("  the logs of the servers are " + world.logs());
          passed = false;
        }
      }
    } catch (SQLException fault) {
      throw new IOException("the database could not be read", fault);
    }
    return passed;
  }

  private static void keep(
      @Nullable Path folder, long seed, History history, List<Violation> violations)
      throws IOException {
    if (folder == null && violations.isEmpty()) {
      return;
    }
    Path to = folder == null ? Files.createTempDirectory("outsidefaultcheck") : folder;
    Files.createDirectories(to);
    Path file =
        to.resolve("seed-" + seed + (violations.isEmpty() ? "" : "-broken") + ".history.gz");
    HistoryFile.write(file, history);
    System.out.println("  the history is in " + file);
  }
}
