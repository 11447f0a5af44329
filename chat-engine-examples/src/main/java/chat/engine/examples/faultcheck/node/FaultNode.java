package chat.engine.examples.faultcheck.node;

import chat.engine.ChatEngine;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.feed.FollowedFeeds;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a node of {@link chat.engine.examples.FaultCheck}.
 *
 * <pre>FaultNode POSTGRES_URL REDIS_URL PORT SABOTAGE ROUTER</pre>
 *
 * <p>Prints {@code ready} when clients can come, {@code metrics ...} every second, and {@code audit
 * ...} for each batch of its feed. Commands on standard input: {@code clock MILLIS} (how far its
 * clock is from the system's from now on) and {@code drain}, which ends the process. It also ends
 * when its standard input does.
 */
public final class FaultNode {
  private static final Logger log = LoggerFactory.getLogger(FaultNode.class);
  private static final Duration GRACE = Duration.ofSeconds(3);
  private static final Duration DRAIN = Duration.ofSeconds(5);
  private static final Duration RETENTION_PERIOD = Duration.ofSeconds(2);
  private static final int SESSION_BUDGET_BYTES = 128 * 1024;
  private static final long RETRY_MILLIS = 500;
  private static final int MACHINES = 2;

  private final SteppingClock clock = new SteppingClock(InstantSource.system());
  private final Sabotage sabotage;
  private final RouterKind router;
  private final ChatEngine engine;
  private final ServerSocket listening;

  private FaultNode(String[] args) throws IOException, InterruptedException {
    sabotage = Sabotage.named(args[3]);
    router = RouterKind.labelled(args[4]);
    engine = start(args[0], args[1]);
    FollowedFeeds.open(
        engine,
        sabotage.audit(FollowedFeeds.audit(FaultNode::say)),
        sabotage.bots(FaultBots.all()));
    listening = new ServerSocket(Integer.parseInt(args[2]), 128, InetAddress.getLoopbackAddress());
  }

  /** Ends with status 0 after a drain. */
  public static void main(String[] args) throws IOException, InterruptedException {
    FaultNode node = new FaultNode(args);
    Thread acceptor = new Thread(node::accept, "accept");
    acceptor.setDaemon(true);
    acceptor.start();
    say("ready");
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    timer.scheduleWithFixedDelay(node::printMetrics, 1, 1, TimeUnit.SECONDS);
    node.obey();
    System.exit(0);
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Again and again: the database may be away when a node starts. */
  private ChatEngine start(String postgresUrl, String redisUrl) throws InterruptedException {
    while (true) {
      try {
        return build(postgresUrl, redisUrl);
      } catch (RuntimeException away) {
        log.info("cannot start yet: {}", away.toString());
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    }
  }

  private ChatEngine build(String postgresUrl, String redisUrl) {
    PostgresMessageStore store = PostgresMessageStore.open(postgresUrl, "postgres", "");
    try {
      MessageStore used = ShortRetention.in(sabotage.store(store));
      return ChatEngine.builder()
          .store(used)
          .ids(sabotage.ids(ids(store, clock)))
          .router(sabotage.router(router.open(postgresUrl, redisUrl)))
          .clock(clock)
          .presenceGrace(GRACE)
          .sessionBudgetBytes(SESSION_BUDGET_BYTES)
          .editHistory(true)
          .retentionPeriod(RETENTION_PERIOD)
          .build();
    } catch (RuntimeException fault) {
      store.close();
      throw fault;
    }
  }

  private static IdGenerator ids(PostgresMessageStore store, InstantSource clock) {
    return SonyflakeIdGenerator.create(store.machineIdLeases(), MACHINES, clock);
  }

  private void accept() {
    while (true) {
      try {
        new NodeConnection(engine, sabotage, listening.accept()).start();
      } catch (IOException fault) {
        log.warn("a connection could not be accepted", fault);
      }
    }
  }

  private void printMetrics() {
    Map<String, Long> metrics = new TreeMap<>(engine.counters());
    metrics.putAll(engine.gauges());
    say(
        "metrics "
            + metrics.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(",")));
  }

  private void obey() throws IOException {
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "clock" -> clock.offset(Duration.ofMillis(Long.parseLong(words[1])));
        case "drain" -> {
          say("drained " + engine.drain(DRAIN));
          engine.close();
          return;
        }
        default -> log.warn("no such command: {}", line);
      }
    }
  }
}
