package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.examples.bench.FirstFailure;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Measures how fast old messages leave the store, and what sends at a steady rate notice of it. All
 * messages that are loaded have expired; the sends go to the same conversations.
 *
 * <pre>RetentionBench [messages] [conversations] [sends a second]</pre>
 */
public final class RetentionBench {
  private static final UserId ADA = UserId.of("ada");
  private static final Duration ALONE = Duration.ofSeconds(15);

  private final String url;
  private final int conversations;
  private final int rate;

  private RetentionBench(String url, int conversations, int rate) {
    this.url = url;
    this.conversations = conversations;
    this.rate = rate;
  }

  public static void main(String[] args) throws SQLException {
    int messages = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    int conversations = args.length > 1 ? Integer.parseInt(args[1]) : 1_000;
    int rate = args.length > 2 ? Integer.parseInt(args[2]) : 500;
    try (LocalServers servers = LocalServers.start()) {
      new RetentionBench(servers.postgresUrl(), conversations, rate).run(messages);
    }
  }

  private void run(int messages) throws SQLException {
    try (ChatEngine sender = ChatEngine.builder().store(store()).build()) {
      System.out.printf(
          "%d processors, Java %s, %s; fsync %s; %,d messages in %,d conversations, %,d sends/s%n",
          Runtime.getRuntime().availableProcessors(),
          Runtime.version(),
          text("SELECT split_part(version(), ' on ', 1)"),
          text("SHOW fsync"),
          messages,
          conversations,
          rate);
      load(messages / conversations);
      long expected = (long) messages / conversations * conversations;
      send(sender, Duration.ofSeconds(5), () -> false); // warms up
      send(sender, ALONE, () -> false).print("sends alone");
      try (ChatEngine remover =
          ChatEngine.builder()
              .store(store())
              .retention(Duration.ofDays(30))
              .retentionPeriod(Duration.ofSeconds(1))
              .build()) {
        long begun = System.nanoTime();
        Times beside = send(sender, Duration.ofHours(1), () -> removed(remover) >= expected);
        double seconds = (System.nanoTime() - begun) / 1e9;
        beside.print("sends beside it");
        System.out.printf(
            Locale.ROOT,
            "removed %,d messages in %.1f s: %,.0f rows/s; %s old ones are left%n",
            removed(remover),
            seconds,
            expected / seconds,
            text(
                "SELECT count(*) FROM chat_messages WHERE created_at < now() - interval '30 days'"));
      }
    }
  }

  private static long removed(ChatEngine engine) {
    return engine.counters().getOrDefault("messages_expired", 0L);
  }

  private PostgresMessageStore store() {
    return PostgresMessageStore.open(url, "postgres", "");
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String text(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, "postgres", "");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Messages of 100 characters, a hundred days old. */
  private void load(int each) throws SQLException {
    String ids = " FROM generate_series(1, %d) c".formatted(conversations);
    execute(
        "INSERT INTO chat_conversations (conversation_id, kind, name, created_at) SELECT c, 'G', 'g', now()"
            + ids);
    execute(
        "INSERT INTO chat_conversation_counters (conversation_id, last_seq) SELECT c, "
            + each
            + ids);
    execute(
        "INSERT INTO chat_members (conversation_id, user_id, role, joined_at, joined_seq, joined_rev, read_seq,"
            + " received_seq) SELECT c, 'ada', 'O', now(), 0, 0, 0, 0"
            + ids);
    execute(
        "INSERT INTO chat_messages (conversation_id, seq, message_id, content_hash, created_at, sender_id,"
            + " client_message_id, body, members_rev) SELECT c, s, c::bigint * 1000000000 + s, 0, now() - interval '100 days',"
            + " 'ada', 'c' || s, repeat('x', 100), 0"
            + ids
            + ", generate_series(1, %d) s".formatted(each));
    execute("VACUUM ANALYZE");
    execute("CHECKPOINT");
  }

  /** What sends took. */
  private record Times(long[] sortedNanos) {
    void print(String name) {
      System.out.printf(
          Locale.ROOT,
          "  %-16s %,7d sends: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, slowest %.0f ms%n",
          name,
          sortedNanos.length,
          at(0.5),
          at(0.99),
          at(0.999),
          at(1));
    }

    private double at(double part) {
      return sortedNanos[(int) Math.min(sortedNanos.length - 1, sortedNanos.length * part)] / 1e6;
    }
  }

  /** At a steady rate, whether or not those before have been answered. */
  private Times send(ChatEngine engine, Duration most, BooleanSupplier isOver) {
    ConcurrentLinkedQueue<Long> took = new ConcurrentLinkedQueue<>();
    FirstFailure failure = new FirstFailure();
    long begun = System.nanoTime();
    long sent = 0;
    while (System.nanoTime() - begun < most.toNanos() && !isOver.getAsBoolean()) {
      long due = begun + sent++ * 1_000_000_000L / rate;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      ConversationId to =
          ConversationId.of(ThreadLocalRandom.current().nextInt(conversations) + 1L);
      engine
          .asUser(ADA)
          .send(to, NewMessage.text("hello"))
          .whenComplete(
              (ack, fault) -> {
                took.add(System.nanoTime() - due);
                failure.note(fault);
              });
    }
    while (took.size() < sent) {
      LockSupport.parkNanos(1_000_000);
    }
    failure.check();
    return new Times(took.stream().mapToLong(Long::longValue).sorted().toArray());
  }
}
