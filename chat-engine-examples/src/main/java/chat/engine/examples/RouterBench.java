package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.examples.bench.ServerTimes;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.redis.RedisRouter;
import chat.engine.spi.Router;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures what the way between two nodes costs over each router: latency from the moment a message
 * was due to its delivery on the other node, and processor time of the nodes and of both servers
 * for each message. The same messages within one node, in the same run, are what the rest of the
 * engine costs. Everything is measured in turn, and medians are printed.
 *
 * <pre>RouterBench [--quick | --smoke] [--rate 5000]</pre>
 */
public final class RouterBench {
  private static final String TEXT = "x".repeat(100);
  private static final int PAIRS = 50;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How the two users of a pair are linked. */
  private enum Way {
    ONE_NODE("one node, no router"),
    REDIS("two nodes, Redis"),
    POSTGRES("two nodes, PostgreSQL");

    private final String label;

    Way(String label) {
      this.label = label;
    }
  }

  /**
   * What a message took.
   *
   * @param latencies in microseconds
   * @param idle processor time within {@code idleSeconds} without any message
   */
  private record Result(
      Histogram latencies, ServerTimes used, long messages, double rate, ServerTimes idle) {
    double millis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1e3;
    }

    double micros(long nanos) {
      return nanos / 1e3 / messages;
    }
  }

  private final LocalServers servers;
  private final ServerTimes.Servers processes;
  private final int rate;
  private final int seconds;
  private final int idleSeconds;
  private final int rounds;

  private RouterBench(LocalServers servers, int rate, int seconds, int idleSeconds, int rounds)
      throws SQLException, IOException {
    this.servers = servers;
    this.processes = ServerTimes.Servers.find(servers.postgresUrl(), servers.redisUrl());
    this.rate = rate;
    this.seconds = seconds;
    this.idleSeconds = idleSeconds;
    this.rounds = rounds;
  }

  /** Runs all measurements; takes some minutes without {@code --quick}. */
  public static void main(String[] args) throws IOException, SQLException {
    Locale.setDefault(Locale.ROOT);
    List<String> given = Arrays.asList(args);
    int at = given.indexOf("--rate");
    int rate = at < 0 ? 5_000 : Integer.parseInt(given.get(at + 1));
    try (LocalServers servers = LocalServers.start()) {
      RouterBench bench =
          given.contains("--smoke")
              ? new RouterBench(servers, Math.min(rate, 500), 1, 1, 1)
              : given.contains("--quick")
                  ? new RouterBench(servers, rate, 5, 5, 1)
                  : new RouterBench(servers, rate, 15, 10, 3);
      bench.printMachine();
      bench.run();
    }
  }

  private void run() {
    System.out.println("warming up");
    for (Way way : Way.values()) {
      measure(way, Math.max(1, seconds / 2), 0);
    }
    Map<Way, List<Result>> results = new EnumMap<>(Way.class);
    for (int round = 0; round < rounds; round++) {
      for (Way way : Way.values()) {
        results
            .computeIfAbsent(way, unused -> new ArrayList<>())
            .add(measure(way, seconds, idleSeconds));
      }
    }
    System.out.printf(
        "%n| | messages/s | p50 | p99 | most | CPU us a message: nodes | PostgreSQL | Redis | all |"
            + " idle, %% of a core |%n|---|---|---|---|---|---|---|---|---|---|%n");
    Map<Way, Double> micros = new EnumMap<>(Way.class);
    results.forEach(
        (way, measured) -> {
          row(way.label, measured);
          micros.put(way, median(measured, RouterBench::allMicros));
        });
    double alone = micros.getOrDefault(Way.ONE_NODE, 0.0);
    double redis = micros.getOrDefault(Way.REDIS, 0.0);
    double postgres = micros.getOrDefault(Way.POSTGRES, 0.0);
    System.out.printf(
        "%na message between nodes: over Redis %.0f us, over PostgreSQL %.0f us: ratio %.2f;"
            + " what the router adds to one node: %.0f us and %.0f us%n",
        redis, postgres, postgres / redis, redis - alone, postgres - alone);
  }

  private static double allMicros(Result result) {
    return result.micros(result.used().totalNanos());
  }

  private void row(String label, List<Result> results) {
    System.out.printf(
        "| %s | %,.0f | %.1f ms | %.1f ms | %.1f ms | %.0f | %.0f | %.0f | %.0f | %.2f |%n",
        label,
        median(results, Result::rate),
        median(results, result -> result.millis(50)),
        median(results, result -> result.millis(99)),
        median(results, result -> result.millis(100)),
        median(results, result -> result.micros(result.used().ownNanos())),
        median(results, result -> result.micros(result.used().postgresNanos())),
        median(results, result -> result.micros(result.used().redisNanos())),
        median(results, RouterBench::allMicros),
        median(results, result -> result.idle().totalNanos() / 1e7 / Math.max(1, idleSeconds)));
  }

  private static double median(List<Result> results, ToDoubleFunction<Result> value) {
    double[] sorted = results.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private ChatEngine node(Way way) {
    PostgresMessageStore store = PostgresMessageStore.open(servers.postgresUrl(), "postgres", "");
    Router router =
        switch (way) {
          case ONE_NODE -> null;
          case REDIS -> RedisRouter.open(servers.redisUrl(), "bench");
          case POSTGRES -> PostgresRouter.open(servers.postgresUrl(), "postgres", "");
        };
    return router == null
        ? ChatEngine.builder().store(store).build()
        : ChatEngine.builder().store(store).router(router).build();
  }

  private Result measure(Way way, int loadSeconds, int restSeconds) {
    ChatEngine south = node(way);
    ChatEngine north = way == Way.ONE_NODE ? south : node(way);
    try {
      Load load = new Load(north, south);
      pause(Duration.ofSeconds(2)); // what the start costs is not what is measured
      ServerTimes before = ServerTimes.now(processes);
      pause(Duration.ofSeconds(restSeconds));
      ServerTimes idle = ServerTimes.now(processes).since(before);
      before = ServerTimes.now(processes);
      long begun = System.nanoTime();
      long messages = load.run(rate, Duration.ofSeconds(loadSeconds));
      double achieved = messages / ((System.nanoTime() - begun) / 1e9);
      return new Result(
          load.latencies, ServerTimes.now(processes).since(before), messages, achieved, idle);
    } finally {
      north.close();
      south.close();
    }
  }

  /** Pairs of users, one on each node, who write to each other in turn, at an even rate. */
  private static final class Load {
    private final ConcurrentHistogram latencies = new ConcurrentHistogram(3);
    private final List<ConversationId> talks = new ArrayList<>();
    private final ChatEngine north;
    private final ChatEngine south;
    private final AtomicLong delivered = new AtomicLong();
    private volatile long epoch;

    Load(ChatEngine north, ChatEngine south) {
      this.north = north;
      this.south = south;
      for (int pair = 0; pair < PAIRS; pair++) {
        UserId ann = user(pair, "ann");
        UserId bob = user(pair, "bob");
        connect(north, ann);
        connect(south, bob);
        talks.add(north.asUser(ann).openDirect(bob).join().id());
      }
    }

    private static UserId user(int pair, String name) {
      return UserId.of(name + "-" + pair);
    }

    private void connect(ChatEngine engine, UserId user) {
      engine
          .connect(
              user,
              DeviceId.of("bench"),
              ChatListener.of(
                  event -> {
                    if (event instanceof MessageReceived received
                        && !received.message().from().equals(user)) {
                      took(received.message().text());
                    }
                  }))
          .join();
    }

    private void took(String text) {
      long due = Long.parseLong(text.substring(0, text.indexOf(' ')));
      latencies.recordValue(Math.max(0, (System.nanoTime() - epoch - due) / 1_000));
      delivered.incrementAndGet();
    }

    /**
     * @return how many messages were sent, and delivered
     */
    long run(int perSecond, Duration length) {
      epoch = System.nanoTime();
      long count = perSecond * length.toSeconds();
      for (long i = 0; i < count; i++) {
        long due = i * 1_000_000_000L / perSecond;
        long early = due - (System.nanoTime() - epoch);
        if (early > 0) {
          LockSupport.parkNanos(early);
        }
        int pair = (int) (i / 2 % PAIRS);
        boolean fromNorth = i % 2 == 0;
        (fromNorth ? north : south)
            .asUser(user(pair, fromNorth ? "ann" : "bob"))
            .send(talks.get(pair), NewMessage.text(due + " " + TEXT));
      }
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      while (delivered.get() < count) {
        if (System.nanoTime() > giveUp) {
          throw new IllegalStateException(
              count - delivered.get() + " of " + count + " messages were not delivered");
        }
        LockSupport.parkNanos(1_000_000);
      }
      return count;
    }
  }

  private static void pause(Duration length) {
    long end = System.nanoTime() + length.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  private void printMachine() throws SQLException {
    System.out.printf(
        "machine: %d cores for everything, %,d MiB heap, Java %s on %s; both nodes in one process%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        Runtime.version(),
        System.getProperty("os.name"));
    System.out.printf(
        "PostgreSQL %s, fsync %s, synchronous_commit %s%n",
        setting("server_version"), setting("fsync"), setting("synchronous_commit"));
    System.out.printf(
        "payload: %d bytes of text; %d pairs of users; %,d messages/s for %d s, median of %d%n",
        TEXT.length() + 12, PAIRS, rate, seconds, rounds);
  }

  private String setting(String name) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(servers.postgresUrl(), "postgres", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + name)) {
      row.next();
      return row.getString(1);
    }
  }
}
