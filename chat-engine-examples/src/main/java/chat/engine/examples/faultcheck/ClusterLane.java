package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.check.Checks;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.HistoryFile;
import chat.engine.examples.faultcheck.world.World;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A cluster that runs one seed after the other; broken ones are begun anew. */
final class ClusterLane implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ClusterLane.class);
  private static final int MOST_CLUSTERS = 5;

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
    try {
      Long next = nextSeed();
      for (int cluster = 0; next != null && cluster < MOST_CLUSTERS; cluster++) {
        next = runSome(next, cluster);
      }
      failed = next != null;
    } catch (IOException fault) {
      log.error("a history could not be kept", fault);
      failed = true;
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Long nextSeed() {
    long seed = nextSeed.getAndIncrement();
    return seed < options.firstSeed() + options.seeds() ? seed : null;
  }

  /**
   * Runs seeds on one cluster, from the given one on.
   *
   * @return the seed at which the cluster itself failed, beyond what its faults do; null at the end
   */
  private @Nullable Long runSome(long first, int cluster) throws IOException, InterruptedException {
    Long seed = first;
    Path own = folder.resolve("run-" + cluster);
    try (World world = World.start(own, options.nodes(), options.sabotage(), options.router())) {
      for (boolean anew = false; seed != null; seed = nextSeed()) {
        if (!world.heal(anew)) {
          throw new IllegalStateException("the nodes do not come up");
        }
        History history = new SeedRun(options, world, seed).run();
        SeedResult result =
            new SeedResult(seed, SeedRun.plan(options, seed), history, Checks.run(history));
        keep(result);
        report.add(result);
        anew = !result.passed();
      }
    } catch (SQLException | RuntimeException fault) {
      log.error("the cluster in {} failed at seed {}; another one goes on", own, seed, fault);
    }
    return seed;
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
