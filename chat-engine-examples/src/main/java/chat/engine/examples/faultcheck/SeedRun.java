package chat.engine.examples.faultcheck;

import chat.engine.examples.faultcheck.client.Crowd;
import chat.engine.examples.faultcheck.fault.FaultKind;
import chat.engine.examples.faultcheck.fault.FaultPlan;
import chat.engine.examples.faultcheck.fault.Injector;
import chat.engine.examples.faultcheck.feed.FollowedFeeds;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.faultcheck.world.World;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run on a cluster that is whole, from connecting to the history. Not thread-safe. */
final class SeedRun {
  private static final Logger log = LoggerFactory.getLogger(SeedRun.class);

  /** As long as a bot may pause that has failed some times. */
  private static final Duration FEEDS = Duration.ofSeconds(70);

  private static final Duration FIRST_FAULT = Duration.ofSeconds(4);

  private final Options options;
  private final World world;
  private final long seed;
  private final Recorder recorder = new Recorder();

  SeedRun(Options options, World world, long seed) {
    this.options = options;
    this.world = world;
    this.seed = seed;
  }

  static FaultPlan plan(Options options, long seed) {
    Random random = new Random(seed);
    List<FaultKind> kinds = options.possibleFaults();
    Duration end = options.activity();
    return options.hasLongStop(seed)
        ? FaultPlan.withLongStop(random, kinds, options.nodes(), FIRST_FAULT, end)
        : FaultPlan.random(random, kinds, options.nodes(), FIRST_FAULT, end);
  }

  /**
   * @throws IllegalStateException if the users cannot even connect to a cluster without faults
   */
  History run() throws InterruptedException, SQLException {
    world.nodes().forEach(node -> node.listener(this::heard));
    recorder.record(Event.Followed::new);
    Random random = new Random(~seed);
    String prefix = "s" + seed + "t" + System.nanoTime() % 100_000;
    FaultPlan plan = plan(options, seed);
    Duration longest =
        plan.end().compareTo(options.activity()) > 0 ? plan.end() : options.activity();
    long activityEnd = longest.toNanos() / 1_000;
    try (Crowd crowd = new Crowd(world, recorder, prefix, options.users(), activityEnd, random)) {
      if (!crowd.start()) {
        throw new IllegalStateException("the users of seed " + seed + " could not connect");
      }
      Injector injector = new Injector(world, recorder);
      injector.start(plan);
      sleepUntil(activityEnd);
      crowd.quieten();
      injector.join();
      crowd.keepAll();
      crowd.awaitErasures();
      awaitFeeds(crowd);
      TimeUnit.NANOSECONDS.sleep(options.tail().minusSeconds(1).toNanos());
      recorder.record(Event.Settled::new);
      crowd.syncAnew();
      List<Fact> facts = facts(crowd);
      crowd.disband();
      crowd.probe();
      return new History(recorder.events(), facts);
    } finally {
      world.nodes().forEach(node -> node.listener(event -> {}));
    }
  }

  /**
   * Waits until the feeds have come to the end, for some time; the history tells whether they did.
   */
  private void awaitFeeds(Crowd crowd) throws InterruptedException, SQLException {
    long giveUp = recorder.now() + TimeUnit.NANOSECONDS.toMicros(FEEDS.toNanos());
    try (Connection connection = world.postgres().connect()) {
      while (StoredFeeds.areBehind(
          connection, List.of(FollowedFeeds.AUDIT, FollowedFeeds.BOTS), crowd.conversations())) {
        if (recorder.now() > giveUp) {
          log.info("the feeds of seed {} are still behind", seed);
          return;
        }
        TimeUnit.MILLISECONDS.sleep(200);
      }
    }
  }

  private void sleepUntil(long micros) throws InterruptedException {
    long left = micros - recorder.now();
    if (left > 0) {
      TimeUnit.MICROSECONDS.sleep(left);
    }
  }

  private List<Fact> facts(Crowd crowd) throws SQLException {
    try (Connection connection = world.postgres().connect()) {
      List<Fact> facts = new ArrayList<>(StoredFacts.read(connection, crowd.conversations()));
      facts.addAll(StoredTraces.read(connection, crowd.erased()));
      return facts;
    }
  }

  private void heard(Event event) {
    if (event instanceof Event.Measured measured) {
      recorder.record(at -> new Event.Measured(at, measured.node(), measured.values()));
    } else if (event instanceof Event.Died died) {
      recorder.record(at -> new Event.Died(at, died.node(), died.status()));
    } else if (event instanceof Event.Delivered batch) {
      recorder.record(
          at ->
              new Event.Delivered(
                  at, batch.node(), batch.conversation(), batch.nanos(), batch.entries()));
    }
  }
}
