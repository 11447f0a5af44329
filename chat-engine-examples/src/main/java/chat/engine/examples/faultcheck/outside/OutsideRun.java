package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.StoredFacts;
import chat.engine.examples.faultcheck.StoredFeeds;
import chat.engine.examples.faultcheck.check.outside.OutsideNames;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.History;
import chat.engine.examples.faultcheck.history.Recorder;
import java.io.IOException;
import java.net.http.HttpClient;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run on servers that are whole, from connecting to the history. Not thread-safe. */
final class OutsideRun {
  private static final Logger log = LoggerFactory.getLogger(OutsideRun.class);
  private static final int USERS = 6;
  private static final Duration FIRST_FAULT = Duration.ofSeconds(3);
  private static final int TURN_MILLIS = 50;

  /** Faults end so long before the users stop. */
  private static final Duration CALM = Duration.ofSeconds(3);

  /** Pauses of feeds grow to a minute, and a provider that hangs takes its time, too. */
  private static final Duration CATCH_UP = Duration.ofMinutes(3);

  private final OutsideWorld world;
  private final long seed;
  private final OutsidePlan plan;
  private final Duration length;
  private final Recorder recorder = new Recorder();
  private final List<OutsideUser> users = new ArrayList<>();
  private final List<Long> conversations = new ArrayList<>();

  OutsideRun(OutsideWorld world, OutsideOptions options, long seed) {
    this.world = world;
    this.seed = seed;
    this.plan = plan(options, seed);
    this.length = options.length();
  }

  static OutsidePlan plan(OutsideOptions options, long seed) {
    return OutsidePlan.random(
        new Random(seed), options.nodes(), FIRST_FAULT, options.length().minus(CALM));
  }

  /** What the users sent again. */
  int repeats() {
    return users.stream().mapToInt(OutsideUser::repeats).sum();
  }

  History run() throws IOException, InterruptedException, SQLException {
    world.outside().recorder(recorder);
    try {
      meet();
      List<Thread> faults = plan.steps().stream().map(this::fault).toList();
      Random random = new Random(~seed);
      while (recorder.now() < TimeUnit.NANOSECONDS.toMicros(length.toNanos())) {
        users.get(random.nextInt(users.size())).act();
        TimeUnit.MILLISECONDS.sleep(TURN_MILLIS);
      }
      for (Thread fault : faults) {
        fault.join();
      }
      world.awaitReady();
      catchUp();
      recorder.record(Event.Settled::new);
      try (Connection connection = world.connect()) {
        return new History(recorder.events(), StoredFacts.read(connection, conversations));
      }
    } finally {
      users.forEach(OutsideUser::close);
    }
  }

  private void meet() {
    HttpClient http = HttpClient.newHttpClient();
    for (int i = 0; i < USERS; i++) {
      String name = "s" + seed + "u" + i;
      users.add(new OutsideUser(name, http, world.nodes(), i, recorder, new Random(seed + i)));
    }
    users.forEach(user -> user.connect().join());
    for (OutsideUser user : users) {
      OutsideUser next = users.get((users.indexOf(user) + 1) % users.size());
      Stream.concat(Stream.of(next.name()), OutsideNames.BOTS.stream())
          .forEach(other -> conversations.add(Long.parseLong(user.open(other))));
    }
    for (int i = 0; i < 2; i++) {
      List<OutsideUser> members = users.subList(i * USERS / 2, (i + 1) * USERS / 2);
      String group =
          members
              .get(0)
              .createGroup(
                  "s" + seed + "g" + i, members.stream().skip(1).map(OutsideUser::name).toList());
      conversations.add(Long.parseLong(group));
      members.forEach(member -> member.join(group));
    }
  }

  private Thread fault(OutsidePlan.Step step) {
    Thread thread = new Thread(() -> play(step), "fault " + step);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void play(OutsidePlan.Step step) {
    try {
      sleepUntil(step.begin());
      note(step, true);
      world.begin(step);
      try {
        sleepUntil(step.end());
      } finally {
        world.end(step);
        note(step, false);
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      log.error("the fault {} did not go as planned", step, fault);
    }
  }

  private void note(OutsidePlan.Step step, boolean begins) {
    recorder.record(at -> new Event.Faulted(at, step.kind().label(), begins, step.target()));
  }

  private void sleepUntil(Duration sinceBegin) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.toMicros(sinceBegin.toNanos()) - recorder.now();
    if (left > 0) {
      TimeUnit.MICROSECONDS.sleep(left);
    }
  }

  /**
   * Waits until all is acknowledged and the feeds have come to the end, for some time; the history
   * tells whether they did.
   */
  private void catchUp() throws InterruptedException, SQLException {
    List<String> feeds =
        Stream.concat(OutsideNames.HOOKS.stream().map(hook -> "webhook:" + hook), Stream.of("bots"))
            .toList();
    long giveUp = System.nanoTime() + CATCH_UP.toNanos();
    try (Connection connection = world.connect()) {
      for (int calm = 0; calm < 4; calm++) {
        if (!users.stream().allMatch(OutsideUser::isDone)
            || StoredFeeds.areBehind(connection, feeds, conversations)) {
          calm = 0;
        }
        if (System.nanoTime() - giveUp > 0) {
          log.info("not everything is told after seed {}; logs: {}", seed, world.logs());
          return;
        }
        TimeUnit.MILLISECONDS.sleep(500);
      }
    }
  }
}
