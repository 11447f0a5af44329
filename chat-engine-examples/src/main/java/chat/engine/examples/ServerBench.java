package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.examples.load.LoadRun;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcesses;
import chat.engine.postgres.PostgresMessageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/**
 * Measures chat-server.jar over real sockets, on a PostgreSQL that commits to the disk. Machines
 * differ and are noisy: what belongs together is measured alternately in one run, and medians are
 * printed beside a ceiling, the same load on the engine alone, in this process and without sockets.
 *
 * <pre>ServerBench JAR [--quick | --smoke] [--one-node | --two-nodes]</pre>
 */
public final class ServerBench {
  private static final int PAIRS = 50;
  private static final int LOW_RATE = 2_000;
  private static final int EVEN_RATE = 5_000;
  private static final int GROUP_SENDERS = 10;

  private final Path jar;
  private final Extent extent;
  private boolean passed = true;

  /**
   * How much is measured.
   *
   * @param length of each measurement
   * @param settle between the opening of the idle connections and the measurement beside them
   * @param members of the group
   */
  private record Extent(
      Duration length, int rounds, int warmUps, int idle, Duration settle, int members) {
    static final Extent FULL = of(10, 3, 3, 10_000, 10, 1_000);
    static final Extent QUICK = of(3, 1, 1, 1_000, 1, 1_000);
    static final Extent SMOKE = of(1, 1, 0, 100, 0, 100);

    private static Extent of(
        int seconds, int rounds, int warmUps, int idle, int settleSeconds, int members) {
      return new Extent(
          Duration.ofSeconds(seconds),
          rounds,
          warmUps,
          idle,
          Duration.ofSeconds(settleSeconds),
          members);
    }
  }

  private ServerBench(Path jar, Extent extent) {
    this.jar = jar;
    this.extent = extent;
  }

  /** Ends with status 1 if a message was lost, doubled or out of order. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length == 0 || args[0].startsWith("--")) {
      System.err.println(
          "usage: ServerBench chat-server/target/chat-server.jar [--quick | --smoke]"
              + " [--one-node | --two-nodes]");
      System.exit(2);
    }
    Path jar = Path.of(args[0]);
    List<String> given = Arrays.asList(args);
    Extent extent =
        given.contains("--smoke")
            ? Extent.SMOKE
            : given.contains("--quick") ? Extent.QUICK : Extent.FULL;
    ServerBench bench = new ServerBench(jar, extent);
    bench.printMachine();
    if (!given.contains("--two-nodes")) {
      bench.oneNode();
    }
    if (!given.contains("--one-node")) {
      bench.twoNodes();
    }
    if (!bench.passed) {
      System.out.println("FAILED: messages were lost, doubled or out of order");
      System.exit(1);
    }
  }

  private void printMachine() {
    System.out.printf(
        Locale.ROOT,
        "machine: %d cores, Java %s, %s %s; the servers, PostgreSQL (fsync and synchronous_commit on),"
            + " Redis and this program share it%n"
            + "%d pairs of users, about 40 bytes of text; %d round(s) of %d s after a warm-up%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"),
        PAIRS,
        extent.rounds(),
        extent.length().toSeconds());
  }

  /** One kind of load, its results over the rounds. */
  private record Series(String name, List<LoadRun.Result> results) {
    Series(String name) {
      this(name, new ArrayList<>());
    }

    double median(ToDoubleFunction<LoadRun.Result> of) {
      return ServerBench.median(results.stream().mapToDouble(of).toArray());
    }

    /** The median of the rounds' ratios: a machine that is slow in one round is so for both. */
    double ratioTo(Series other, ToDoubleFunction<LoadRun.Result> of) {
      double[] ratios = new double[results.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = of.applyAsDouble(results.get(i)) / of.applyAsDouble(other.results.get(i));
      }
      return ServerBench.median(ratios);
    }

    void print() {
      System.out.printf(
          Locale.ROOT,
          "  %-34s %,7.0f messages/s  %,9.0f deliveries/s  ack p50 %5.1f ms, p99 %5.1f ms"
              + "  CPU of the servers %4.0f us/message%n",
          name,
          median(LoadRun.Result::messagesPerSecond),
          median(LoadRun.Result::deliveriesPerSecond),
          median(result -> result.acknowledged().getValueAtPercentile(50) / 1e6),
          median(result -> result.acknowledged().getValueAtPercentile(99) / 1e6),
          median(LoadRun.Result::cpuMicrosPerMessage));
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private LoadRun.Result pairs(List<ServerNode> nodes, int rate)
      throws IOException, InterruptedException {
    try (LoadRun run = new LoadRun(nodes)) {
      run.addPairs(PAIRS);
      return checked(run.load(extent.length(), rate));
    }
  }

  /** The JIT compilers' turn: they would be the larger part of the CPU time otherwise. */
  private void warmUp(List<ServerNode> nodes) throws IOException, InterruptedException {
    for (int i = 0; i < extent.warmUps(); i++) {
      pairs(nodes, 0);
    }
  }

  private LoadRun.Result checked(LoadRun.Result result) {
    passed &= result.passed();
    return result;
  }

  private void oneNode() throws IOException, InterruptedException {
    try (LocalServers servers = LocalServers.start();
        ServerProcesses processes = ServerProcesses.start(jar, servers, 1)) {
      List<ServerNode> nodes = processes.nodes();
      warmUp(nodes);
      heapAndOpening(nodes);
      Series alone = new Series("closed loop");
      Series slow = new Series(LOW_RATE + "/s, latency from when due");
      Series beside = new Series("closed loop beside " + extent.idle() + " idle");
      Series group = new Series("group of " + extent.members() + ", " + GROUP_SENDERS + " write");
      double[] ceiling = new double[extent.rounds()];
      for (int round = 0; round < extent.rounds(); round++) {
        alone.results().add(pairs(nodes, 0));
        try (LoadRun run = new LoadRun(nodes)) {
          run.addIdle(extent.idle());
          run.rest(extent.settle());
          run.addPairs(PAIRS);
          beside.results().add(checked(run.load(extent.length(), 0)));
        }
        slow.results().add(pairs(nodes, LOW_RATE));
        try (LoadRun run = new LoadRun(nodes)) {
          run.addGroup(extent.members(), GROUP_SENDERS);
          group.results().add(checked(run.load(extent.length(), 0)));
        }
        ceiling[round] = engineAlone(servers);
      }
      System.out.println("one node:");
      List.of(alone, beside, slow, group).forEach(Series::print);
      System.out.printf(
          Locale.ROOT,
          "  ceiling: %,.0f messages/s by the engine alone, no sockets; the server reaches %.2f of it%n"
              + "  ratio of the closed loop beside idle connections to without: %.2f%n",
          median(ceiling),
          alone.median(LoadRun.Result::messagesPerSecond) / median(ceiling),
          beside.ratioTo(alone, LoadRun.Result::messagesPerSecond));
    }
  }

  private void heapAndOpening(List<ServerNode> nodes) throws IOException, InterruptedException {
    ServerNode node = nodes.get(0);
    long before = node.liveHeapBytes();
    try (LoadRun run = new LoadRun(nodes)) {
      LoadRun.Opened opened = run.addIdle(extent.idle());
      System.out.printf(
          Locale.ROOT,
          "opening %,d idle connections: %,.0f tickets/s, then %,.0f connections/s with them;"
              + " %,d bytes of live heap each%n",
          extent.idle(),
          opened.ticketsPerSecond(),
          opened.connectionsPerSecond(),
          (node.liveHeapBytes() - before) / extent.idle());
    }
  }

  private void twoNodes() throws IOException, InterruptedException {
    try (LocalServers servers = LocalServers.start();
        ServerProcesses processes = ServerProcesses.start(jar, servers, 2)) {
      List<ServerNode> both = processes.nodes();
      List<ServerNode> first = both.subList(0, 1);
      warmUp(first);
      warmUp(both);
      Series one = new Series("all on one of two nodes, " + EVEN_RATE + "/s");
      Series two = new Series("each pair over both, " + EVEN_RATE + "/s");
      Series closed = new Series("each pair over both, closed loop");
      for (int round = 0; round < extent.rounds(); round++) {
        one.results().add(pairs(first, EVEN_RATE));
        two.results().add(pairs(both, EVEN_RATE));
        closed.results().add(pairs(both, 0));
      }
      System.out.println("two nodes:");
      List.of(one, two, closed).forEach(Series::print);
      System.out.printf(
          Locale.ROOT,
          "  ratio of CPU a message, two nodes to one, at %d/s: %.2f%n",
          EVEN_RATE,
          two.ratioTo(one, LoadRun.Result::cpuMicrosPerMessage));
    }
  }

  /** The same pairs in a closed loop, on sessions instead of sockets: messages a second. */
  private double engineAlone(LocalServers servers) {
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
            .build()) {
      LongAdder delivered = new LongAdder();
      List<ChatSession> sessions = new ArrayList<>();
      for (int i = 0; i < PAIRS; i++) {
        ChatSession left = session(engine, "left" + i, delivered);
        ChatSession right = session(engine, "right" + i, delivered);
        ConversationId talk = left.openDirect(right.user()).join().id();
        sessions.addAll(List.of(left, right));
        writeOn(left, talk);
        writeOn(right, talk);
      }
      LockSupport.parkNanos(extent.length().toNanos() / 2);
      long before = delivered.sum();
      long begun = System.nanoTime();
      LockSupport.parkNanos(extent.length().toNanos());
      double rate = (delivered.sum() - before) / ((System.nanoTime() - begun) / 1e9);
      sessions.forEach(ChatSession::close);
      return rate;
    }
  }

  private static ChatSession session(ChatEngine engine, String name, LongAdder delivered) {
    return engine
        .connect(
            UserId.of(name), DeviceId.of("bench"), ChatListener.of(event -> delivered.increment()))
        .join();
  }

  /** Sends, and again whenever the last was acknowledged, until the session is closed. */
  private static void writeOn(ChatSession session, ConversationId talk) {
    session
        .send(talk, NewMessage.text("load 1234567 1234567 1234567890123456"))
        .thenRun(() -> writeOn(session, talk));
  }
}
