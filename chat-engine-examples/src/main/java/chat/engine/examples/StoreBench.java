package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EncodedChatListener;
import chat.engine.EventEncoder;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.examples.bench.BareIngest;
import chat.engine.examples.bench.FirstFailure;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Measures the engine on PostgreSQL, each figure beside a ceiling that is measured in the same run
 * on the same machine: machines differ and are noisy, so only the ratios mean something. Pairs are
 * measured alternately, and medians printed.
 *
 * <pre>StoreBench [--quick | --smoke]</pre>
 */
public final class StoreBench {
  private static final int CONNECTIONS = 4;
  private static final int BATCH = 512;
  private static final int IN_FLIGHT = CONNECTIONS * BATCH * 2;
  private static final String TEXT = "x".repeat(100);

  private final LocalServers servers;
  private final BareIngest bare;
  private final int messages;
  private final int rounds;
  private final int growTo;

  private StoreBench(LocalServers servers, int messages, int rounds, int growTo) {
    this.servers = servers;
    this.bare = new BareIngest(servers.postgresUrl(), TEXT);
    this.messages = messages;
    this.rounds = rounds;
    this.growTo = growTo;
  }

  /** Runs all measurements; takes some minutes without {@code --quick}. */
  public static void main(String[] args) throws IOException, SQLException, InterruptedException {
    List<String> given = Arrays.asList(args);
    try (LocalServers servers = LocalServers.start();
        ChatEngine engine = engine(servers)) {
      StoreBench bench =
          given.contains("--smoke")
              ? new StoreBench(servers, 2_000, 1, 5_000)
              : given.contains("--quick")
                  ? new StoreBench(servers, 20_000, 1, 100_000)
                  : new StoreBench(servers, 100_000, 3, 1_000_000);
      bench.printMachine();
      bench.createConversations(100_000);
      bench.run(engine);
    }
  }

  private static ChatEngine engine(LocalServers servers) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
        .lanes(CONNECTIONS)
        .maxBatch(BATCH)
        .build();
  }

  private void run(ChatEngine engine) throws SQLException, InterruptedException {
    bare.prepare(100_000);
    System.out.println("warming up");
    sends(engine, 1_000, messages / 2);
    bare.batches(CONNECTIONS, BATCH, 1_000, messages / 2);

    System.out.printf(
        "%n(a) append through the commit pipeline, against bare two-statement batches%n");
    double thousand = 0;
    double hundredThousand = 0;
    for (int conversations : new int[] {1, 1_000, 100_000}) {
      double ours =
          compare(
              String.format(
                  "%,d conversation%s in play", conversations, conversations == 1 ? "" : "s"),
              () -> sends(engine, conversations, messages),
              () ->
                  bare.batches(
                      conversations == 1 ? 1 : CONNECTIONS, BATCH, conversations, messages));
      thousand = conversations == 1_000 ? ours : thousand;
      hundredThousand = conversations == 100_000 ? ours : hundredThousand;
    }

    System.out.printf("%n(b) against one INSERT and commit a message on 8 connections%n");
    compare(
        "1,000 conversations",
        () -> sends(engine, 1_000, messages),
        () -> bare.oneByOne(8, messages / 10));

    System.out.printf("%n(c) a lone send, against one bare INSERT and commit (median latency)%n");
    loneSends(engine);

    System.out.printf("%n(d) cost of a message as the store grows%n");
    growth(engine, thousand, hundredThousand);

    System.out.printf("%n(e) send, commit, delivery to the other user's listener, in one JVM%n");
    double pipeline = sends(engine, 1_000, messages);
    double delivered = endToEnd(engine, 1_000, messages);
    System.out.printf(
        "  end to end %,.0f messages/s, the pipeline alone %,.0f/s: %.0f %%%n",
        delivered, pipeline, 100 * delivered / pipeline);

    System.out.printf("%n(f) one send to a group of %,d, over two nodes%n", groupMembers());
    largeGroup();

    System.out.printf("%n(g) heap of connected, idle sessions%n");
    idleSessions();
  }

  private int groupMembers() {
    return Math.min(10_000, messages);
  }

  /**
   * Half of the members are connected to each node; counts what a send costs the router, and the
   * encoder.
   */
  private void largeGroup() throws InterruptedException {
    RedisRouter northRouter = RedisRouter.open(servers.redisUrl(), "bench");
    try (ChatEngine north = encodingNode(northRouter);
        ChatEngine south = encodingNode(RedisRouter.open(servers.redisUrl(), "bench"))) {
      int members = groupMembers();
      int sends = 20;
      CountDownLatch warm = new CountDownLatch(members);
      CountDownLatch received = new CountDownLatch(members * sends);
      Set<UserId> users = new HashSet<>();
      for (int i = 0; i < members; i++) {
        UserId user = UserId.of("member-" + i);
        users.add(user);
        (i % 2 == 0 ? north : south)
            .connect(
                user,
                DeviceId.of("bench"),
                new EncodedMessages(
                    message -> (message.text().equals(TEXT) ? received : warm).countDown()))
            .join();
      }
      UserId owner = UserId.of("owner");
      ConversationId group = north.asUser(owner).createGroup("large", users).join().id();
      north.asUser(owner).send(group, NewMessage.text("warm up")).join();
      awaitAll(warm); // the commands of creating the group are over
      long commands = northRouter.commandsSent();
      long encodes = encodes(north, south);
      long begun = System.nanoTime();
      for (int i = 0; i < sends; i++) {
        north.asUser(owner).send(group, NewMessage.text(TEXT)).join();
      }
      awaitAll(received);
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "  router commands a send %.1f (heartbeats included), encodes a send and node %.1f, %,.0f deliveries/s%n",
          (double) (northRouter.commandsSent() - commands) / sends,
          (double) (encodes(north, south) - encodes) / sends / 2,
          members * sends / seconds);
    }
  }

  private static long encodes(ChatEngine... engines) {
    return Arrays.stream(engines)
        .mapToLong(engine -> engine.counters().getOrDefault("encodes", 0L))
        .sum();
  }

  private static void awaitAll(CountDownLatch received) throws InterruptedException {
    if (!received.await(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException(received.getCount() + " messages were not delivered");
    }
  }

  /** Listens to messages only, in their encoded form. */
  /** Takes messages encoded, as a server does. */
  private record EncodedMessages(Consumer<Message> messages)
      implements EncodedChatListener<byte[]> {
    private static final EventEncoder<byte[]> ENCODER = EncodedMessages::encode;

    private static byte[] encode(ChatEvent event) {
      return event.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public EventEncoder<byte[]> encoder() {
      return ENCODER;
    }

    @Override
    public void onEvent(ChatSession session, ChatEvent event, byte[] encoded) {
      if (event instanceof MessageReceived received) {
        messages.accept(received.message());
      }
    }
  }

  private ChatEngine encodingNode(RedisRouter router) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
        .router(router)
        .build();
  }

  /** One user for each, with one direct conversation. */
  private void idleSessions() {
    int count = Math.min(100_000, messages);
    try (ChatEngine engine = engine(servers)) {
      connectIdle(engine, 1, Math.min(1_000, count));
      long before = usedHeap();
      connectIdle(engine, 1_000, count);
      System.out.printf(
          "  %,d sessions: %,.0f bytes each%n",
          engine.sessionCount(), (double) (usedHeap() - before) / Math.max(1, count - 1_000));
    }
  }

  private static void connectIdle(ChatEngine engine, int from, int to) {
    ChatListener nobody = ChatListener.of(event -> {});
    Semaphore window = new Semaphore(1_000);
    for (int i = from; i < to; i++) {
      window.acquireUninterruptibly();
      engine
          .connect(user(i, "a"), DeviceId.of("idle"), nobody)
          .whenComplete((session, fault) -> window.release());
    }
    window.acquireUninterruptibly(1_000);
  }

  private static long usedHeap() {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      used = Math.min(used, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return used;
  }

  private double compare(String what, DoubleSupplier ours, DoubleSupplier ceiling) {
    double[] mine = new double[rounds];
    double[] theirs = new double[rounds];
    double[] ratios = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      theirs[i] = ceiling.getAsDouble();
      mine[i] = ours.getAsDouble();
      ratios[i] = mine[i] / theirs[i];
    }
    System.out.printf(
        "  %-34s engine %,.0f/s, ceiling %,.0f/s: ratio %.2f%n",
        what, median(mine), median(theirs), median(ratios));
    return median(mine);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Sends with a bounded number under way. @return messages a second, acknowledged */
  private double sends(ChatEngine engine, int conversations, int count) {
    Random random = new Random(7);
    Semaphore window = new Semaphore(IN_FLIGHT);
    FirstFailure failure = new FirstFailure();
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      int conversation = 1 + random.nextInt(conversations);
      ChatUser sender = engine.asUser(user(conversation, "a"));
      window.acquireUninterruptibly();
      sender
          .send(ConversationId.of(conversation), NewMessage.text(TEXT))
          .whenComplete(
              (ack, fault) -> {
                failure.note(fault);
                window.release();
              });
    }
    window.acquireUninterruptibly(IN_FLIGHT);
    failure.check();
    return count / ((System.nanoTime() - begun) / 1e9);
  }

  private void loneSends(ChatEngine engine) {
    int count = Math.max(500, messages / 50);
    double[] ours = new double[rounds];
    double[] theirs = new double[rounds];
    double[] ratios = new double[rounds];
    ChatUser sender = engine.asUser(user(1, "a"));
    for (int round = 0; round < rounds; round++) {
      theirs[round] = bare.loneCommitMicros(count);
      long[] nanos = new long[count];
      for (int i = 0; i < count; i++) {
        long begun = System.nanoTime();
        sender.send(ConversationId.of(1), NewMessage.text(TEXT)).join();
        nanos[i] = System.nanoTime() - begun;
      }
      Arrays.sort(nanos);
      ours[round] = nanos[count / 2] / 1e3;
      ratios[round] = ours[round] / theirs[round];
    }
    System.out.printf(
        "  send %.0f us, bare commit %.0f us: ratio %.2f%n",
        median(ours), median(theirs), median(ratios));
  }

  private void growth(ChatEngine engine, double thousand, double hundredThousand)
      throws SQLException {
    truncateMessages();
    Growth ours = growth(count -> sends(engine, 1_000, count));
    bare.prepare(100_000);
    Growth theirs = growth(count -> bare.batches(CONNECTIONS, BATCH, 1_000, count));
    System.out.printf("  engine: %s%n  ceiling: %s%n", ours, theirs);
    System.out.printf(
        "  1,000 conversations in play %.1f us a message; 100,000 in play %.1f us: ratio %.2f%n",
        1e6 / thousand, 1e6 / hundredThousand, thousand / hundredThousand);
  }

  private interface Load {
    /**
     * @return messages a second
     */
    double run(int messages);
  }

  /** The median cost of a message when little and when much is stored. */
  private record Growth(double earlyMicros, long stored, double lateMicros) {
    @Override
    public String toString() {
      return String.format(
          "near 1,000 stored %.1f us a message, near %,d stored %.1f us: ratio %.2f",
          earlyMicros, stored, lateMicros, lateMicros / earlyMicros);
    }
  }

  private Growth growth(Load load) {
    load.run(1_000);
    double early = cost(load);
    for (int stored = 1_000 + 3 * messages / 5; stored < growTo; stored += messages) {
      load.run(messages);
    }
    return new Growth(early, growTo, cost(load));
  }

  private double cost(Load load) {
    double[] rates = new double[3];
    Arrays.setAll(rates, i -> load.run(messages / 5));
    return 1e6 / median(rates);
  }

  private double endToEnd(ChatEngine engine, int pairs, int count) throws InterruptedException {
    CountDownLatch received = new CountDownLatch(count);
    for (int pair = 1; pair <= pairs; pair++) {
      engine
          .connect(
              user(pair, "b"),
              DeviceId.of("bench"),
              ChatListener.of(
                  event -> {
                    if (event instanceof MessageReceived) {
                      received.countDown();
                    }
                  }))
          .join();
    }
    long begun = System.nanoTime();
    sends(engine, pairs, count);
    awaitAll(received);
    return count / ((System.nanoTime() - begun) / 1e9);
  }

  // ---- the database

  private static UserId user(int conversation, String side) {
    return UserId.of("user-" + conversation + "-" + side);
  }

  /**
   * Direct conversations 1 to n, each of two users of its own; in SQL, because it is not what is
   * measured.
   */
  private void createConversations(int count) throws SQLException {
    execute(
        "INSERT INTO chat_conversations SELECT i, 'D', NULL, 'user-' || i || '-a', 'user-' || i || '-b', now()"
            + " FROM generate_series(1, "
            + count
            + ") i",
        "INSERT INTO chat_conversation_counters (conversation_id) SELECT generate_series(1, "
            + count
            + ")",
        "INSERT INTO chat_members SELECT i, 'user-' || i || s, 'M', now(), 0, 0, 0, 0"
            + " FROM generate_series(1, "
            + count
            + ") i, unnest(ARRAY['-a', '-b']) s",
        "VACUUM ANALYZE chat_conversations",
        "VACUUM ANALYZE chat_conversation_counters",
        "VACUUM ANALYZE chat_members");
  }

  private void truncateMessages() throws SQLException {
    execute(
        "TRUNCATE chat_messages",
        "UPDATE chat_conversation_counters SET last_seq = 0",
        "VACUUM FULL chat_conversation_counters",
        "CHECKPOINT");
  }

  private void execute(String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(servers.postgresUrl(), "postgres", "");
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(servers.postgresUrl(), "postgres", "");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private void printMachine() throws SQLException, IOException {
    Locale.setDefault(Locale.ROOT);
    System.out.printf(
        "machine: %s, %d cores for everything, %,d MiB heap, Java %s on %s%n",
        cpu(),
        Runtime.getRuntime().availableProcessors(),
        Runtime.getRuntime().maxMemory() >> 20,
        Runtime.version(),
        System.getProperty("os.name"));
    List<String> settings = new ArrayList<>();
    for (String name :
        List.of(
            "server_version",
            "fsync",
            "synchronous_commit",
            "full_page_writes",
            "shared_buffers")) {
      settings.add(name + " " + query("SHOW " + name));
    }
    System.out.println("PostgreSQL: " + String.join(", ", settings));
    System.out.printf(
        "payload: %d bytes of text; %d connections, batches of at most %d, %,d messages a measurement, median of %d%n",
        TEXT.length(), CONNECTIONS, BATCH, messages, rounds);
  }

  private static String cpu() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    return Files.exists(info)
        ? Files.readAllLines(info).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 2))
            .findFirst()
            .orElse("unknown processor")
        : "unknown processor";
  }
}
