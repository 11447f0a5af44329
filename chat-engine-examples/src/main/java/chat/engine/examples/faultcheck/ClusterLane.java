package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.check.Checks;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.HistoryFile;
import chat.engine.examples.faultcheck.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster that runs one seed after the other; broken ones are begun anew. */
final class ClusterLane implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ClusterLane.class);
  private static final int ATTEMPTS = 2;

  private final Options options;
  private final Path folder;
  private final AtomicLong nextSeed;
  private final Report report;
  private volatile boolean failed;

  /**
   * @param folder for the data and logs of the cluster
   * @param nextSeed shared with the other lanes
   */
  ClusterLane(Options options, Path folder, AtomicLong nextSeed, Report report) {
    this.options = options;
    this.folder = folder;
    this.nextSeed = nextSeed;
    this.report = report;
  }

  /** Whether it could not do its work. */
  boolean hasFailed() {
    return failed;
  }

  @Override
  public void run() {
    try (World world = World.start(folder, options.nodes(), options.sabotage())) {
      boolean anew = false;
      for (long seed = nextSeed.getAndIncrement();
          seed < options.firstSeed() + options.seeds();
          seed = nextSeed.getAndIncrement()) {
        SeedResult result = run(world, seed, anew);
        keep(result);
        report.add(result);
        anew = !result.passed();
      }
    } catch (IOException | SQLException | RuntimeException fault) {
      log.error("a cluster failed", fault);
      failed = true;
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private SeedResult run(World world, long seed, boolean anew)
      throws InterruptedException, SQLException {
    boolean afresh = anew;
    for (int attempt = 1; ; attempt++) {
      if (!world.heal(afresh)) {
        throw new IllegalStateException("the nodes do not come up; see " + folder);
      }
      try {
        History history = new SeedRun(options, world, seed).run();
        return new SeedResult(seed, SeedRun.plan(options, seed), history, Checks.run(history));
      } catch (IllegalStateException notConnected) {
        if (attempt == ATTEMPTS) {
          throw notConnected;
        }
        log.warn("{}; the cluster begins anew", notConnected.getMessage());
        afresh = true;
      }
    }
  }

  private void keep(SeedResult result) throws IOException {
    if (options.keep() != null || !result.passed()) {
      Path file =
          folder.resolveSibling(
              "seed-" + result.seed() + (result.passed() ? "" : "-broken") + ".history.gz");
      HistoryFile.write(file, result.history());
      if (!result.passed()) {
        log.info("the history is in {}", file);
      }
    }
  }
}
