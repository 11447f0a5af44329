package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.examples.bench.FirstFailure;
import chat.engine.examples.local.LocalServers;
import chat.engine.feed.Feed;
import chat.engine.postgres.PostgresMessageStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Measures what a durable feed costs those who send, and how far it lags behind: rounds at full
 * speed without and with a feed, in turn, then one at a steady rate. Engine, feed and PostgreSQL
 * share the machine. The rounds without a feed are the ceiling.
 *
 * <pre>FeedBench [sends a second] [seconds of a round] [conversations] [rounds]</pre>
 */
public final class FeedBench {
  private static final UserId ADA = UserId.of("ada");
  private static final int IN_FLIGHT = 512;
  private static final String TEXT = "x".repeat(100);

  private final ChatEngine engine;
  private final List<ConversationId> conversations = new ArrayList<>();
  private final ConcurrentLinkedQueue<Long> lags = new ConcurrentLinkedQueue<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong delivered = new AtomicLong();

  private FeedBench(ChatEngine engine, int conversations) {
    this.engine = engine;
    for (int i = 0; i < conversations; i++) {
      this.conversations.add(engine.asUser(ADA).openDirect(UserId.of("user" + i)).join().id());
    }
  }

  public static void main(String[] args) throws SQLException, InterruptedException {
    int rate = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    int conversations = args.length > 2 ? Integer.parseInt(args[2]) : 200;
    int rounds = args.length > 3 ? Integer.parseInt(args[3]) : 4;
    try (LocalServers servers = LocalServers.start();
        ChatEngine engine =
            ChatEngine.builder()
                .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
                .build()) {
      System.out.printf(
          "%d processors, Java %s, %s; fsync %s; texts of %d characters in %,d conversations, %d sends in flight%n",
          Runtime.getRuntime().availableProcessors(),
          Runtime.version(),
          text(servers, "SELECT split_part(version(), ' on ', 1)"),
          text(servers, "SHOW fsync"),
          TEXT.length(),
          conversations,
          IN_FLIGHT);
      new FeedBench(engine, conversations).run(rate, Duration.ofSeconds(seconds), rounds);
    }
  }

  private static String text(LocalServers servers, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(servers.postgresUrl(), "postgres", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  private void run(int rate, Duration time, int rounds) throws InterruptedException {
    send(time, Integer.MAX_VALUE); // warms up
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      double alone = send(time, Integer.MAX_VALUE);
      double beside = besideAFeed(time, Integer.MAX_VALUE);
      ratios.add(beside / alone);
      System.out.printf(
          Locale.ROOT,
          "  full speed: %,.0f sends/s without a feed, %,.0f with one: %.2f%n",
          alone,
          beside,
          beside / alone);
    }
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    System.out.printf(Locale.ROOT, "  median of the ratios: %.2f%n", sorted[sorted.length / 2]);
    double steady = besideAFeed(time, rate);
    System.out.printf(Locale.ROOT, "  steady: %,.0f sends/s of %,d asked for%n", steady, rate);
  }

  private double besideAFeed(Duration time, int rate) throws InterruptedException {
    lags.clear();
    delivered.set(0);
    try (Feed feed =
        engine
            .feed(
                "bench" + System.nanoTime(),
                batch -> {
                  Instant now = Instant.now();
                  List<Message> messages = batch.messages();
                  messages.forEach(
                      message -> lags.add(Duration.between(message.createdAt(), now).toMillis()));
                  delivered.addAndGet(messages.size());
                  return CompletableFuture.completedFuture(null);
                })
            .join()) {
      while (!feed.state().active()) {
        Thread.sleep(10);
      }
      long before = sent.get();
      double perSecond = send(time, rate);
      long expected = sent.get() - before;
      long end = System.nanoTime();
      while (delivered.get() < expected) {
        LockSupport.parkNanos(1_000_000);
      }
      long[] sorted = lags.stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      System.out.printf(
          Locale.ROOT,
          "    the feed delivered %,d, the last %d ms after the last send; lag p50 %d ms, p99 %d ms, most %d ms%n",
          expected,
          (System.nanoTime() - end) / 1_000_000,
          sorted[sorted.length / 2],
          sorted[(int) (sorted.length * 0.99)],
          sorted[sorted.length - 1]);
      feed.forget().join();
      return perSecond;
    }
  }

  /**
   * @return sends per second that were acknowledged
   */
  private double send(Duration time, int rate) throws InterruptedException {
    Semaphore free = new Semaphore(IN_FLIGHT);
    FirstFailure failure = new FirstFailure();
    long begun = System.nanoTime();
    long count = 0;
    while (System.nanoTime() - begun < time.toNanos()) {
      if (rate != Integer.MAX_VALUE) {
        long due = begun + count * 1_000_000_000L / rate;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
      }
      free.acquire();
      ConversationId to = conversations.get((int) (count++ % conversations.size()));
      engine
          .asUser(ADA)
          .send(to, NewMessage.text(TEXT))
          .whenComplete(
              (ack, fault) -> {
                failure.note(fault);
                free.release();
              });
    }
    free.acquire(IN_FLIGHT);
    failure.check();
    sent.addAndGet(count);
    return count / ((System.nanoTime() - begun) / 1e9);
  }
}
