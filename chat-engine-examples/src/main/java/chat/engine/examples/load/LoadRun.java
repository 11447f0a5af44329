package chat.engine.examples.load;

import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One load on one or more nodes: users are connected, write for a while, and what arrived is
 * compared with what was sent. Belongs to one thread.
 */
public final class LoadRun implements AutoCloseable {
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration QUIET = Duration.ofSeconds(15);
  private static final Duration CONNECT = Duration.ofSeconds(60);
  private static final int OPENING_AT_ONCE = 128;

  private final List<ServerNode> nodes;
  private final LoadLoop loop = new LoadLoop();
  private final String run = UUID.randomUUID().toString().substring(0, 6);
  private final LoadUser.Times times = new LoadUser.Times(histogram(), histogram());
  private final List<LoadUser> writers = new ArrayList<>();
  private final List<LoadUser> readers = new ArrayList<>();
  private final List<Opening> openings = new ArrayList<>();
  private int users;
  private long deliveriesPerMessage = 1;

  /** A connection to be made. */
  private record Opening(LoadUser user, ServerNode node, String query, String headers) {}

  /**
   * What was measured.
   *
   * @param messages committed and delivered while it was measured
   * @param cpu of the servers' processes in that time
   * @param lost deliveries that never came, in the whole run
   */
  public record Result(
      long messages,
      long deliveries,
      double seconds,
      Duration cpu,
      Histogram acknowledged,
      Histogram delivered,
      long sent,
      long lost,
      long disordered,
      long errors) {
    public boolean passed() {
      return lost + disordered + errors == 0;
    }

    public double messagesPerSecond() {
      return messages / seconds;
    }

    public double deliveriesPerSecond() {
      return deliveries / seconds;
    }

    public double cpuMicrosPerMessage() {
      return messages == 0 ? 0 : cpu.toNanos() / 1e3 / messages;
    }

    public void print() {
      System.out.printf(
          Locale.ROOT,
          "%,.0f messages/s acknowledged, %,.0f deliveries/s (%,d in %.1f s)%n",
          messagesPerSecond(),
          deliveriesPerSecond(),
          deliveries,
          seconds);
      print("send to acknowledgement", acknowledged);
      print("send to delivery       ", delivered);
      if (!cpu.isZero()) {
        System.out.printf(
            Locale.ROOT,
            "CPU of the server processes: %.0f us a message (PostgreSQL not counted)%n",
            cpuMicrosPerMessage());
      }
      System.out.printf(
          Locale.ROOT,
          "%s: %d lost, %d doubled or out of order, %d errors, of %,d messages sent%n",
          passed() ? "PASSED" : "FAILED",
          lost,
          disordered,
          errors,
          sent);
    }

    private static void print(String what, Histogram nanos) {
      System.out.printf(
          Locale.ROOT,
          "%s: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms%n",
          what,
          nanos.getValueAtPercentile(50) / 1e6,
          nanos.getValueAtPercentile(99) / 1e6,
          nanos.getValueAtPercentile(99.9) / 1e6);
    }
  }

  public LoadRun(List<ServerNode> nodes) throws IOException {
    this.nodes = List.copyOf(nodes);
  }

  private static Histogram histogram() {
    return new Histogram(TimeUnit.MINUTES.toNanos(5), 3);
  }

  /** Pairs of users who write to each other; the two of a pair are on different nodes. */
  public void addPairs(int pairs) throws IOException, InterruptedException {
    for (int i = 0; i < pairs; i++) {
      String left = "l" + i + "-" + run;
      String right = "r" + i + "-" + run;
      ServerNode here = nodes.get(i % nodes.size());
      ServerNode there = nodes.get((i + 1) % nodes.size());
      String leftToken = here.api().enter(left);
      String rightToken = there.api().enter(right);
      there.api().provision(rightToken);
      here.api().addContact(leftToken, right);
      writers.add(user(here, leftToken, "\"to\":\"" + right + "\""));
      writers.add(user(there, rightToken, "\"to\":\"" + left + "\""));
    }
    open();
  }

  /**
   * One group, all of whose members are connected, spread over the nodes, and some of them write.
   */
  public void addGroup(int members, int senders) throws IOException, InterruptedException {
    ServerNode first = nodes.get(0);
    List<String> tokens = new ArrayList<>();
    ObjectNode group = ServerApi.object().put("name", "load-" + run);
    ArrayNode others = group.putArray("members");
    for (int i = 0; i < members; i++) {
      String name = "g" + i + "-" + run;
      tokens.add(first.api().enter(name));
      first.api().provision(tokens.get(i));
      if (i > 0) {
        first.api().addContact(tokens.get(0), name);
        others.add(name);
      }
    }
    String conversation =
        first
            .api()
            .call("POST", "/v1/groups", group, tokens.get(0))
            .get("conversation_id")
            .asString();
    for (int i = 0; i < members; i++) {
      LoadUser user =
          user(
              nodes.get(i % nodes.size()),
              tokens.get(i),
              "\"conversation_id\":\"" + conversation + "\"");
      (i < senders ? writers : readers).add(user);
    }
    deliveriesPerMessage = members - 1L;
    open();
  }

  /** How fast connections were made. */
  public record Opened(double ticketsPerSecond, double connectionsPerSecond) {}

  /** Users who connect, each with a one-time ticket, and then do nothing. */
  public Opened addIdle(int idle) throws IOException, InterruptedException {
    ServerNode node = nodes.get(0);
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < idle; i++) {
      tokens.add(node.api().enter("i" + i + "-" + run));
    }
    node.api().tickets(tokens); // makes the accounts
    long begun = System.nanoTime();
    List<String> tickets = node.api().tickets(tokens);
    double ticketSeconds = (System.nanoTime() - begun) / 1e9;
    for (int i = 0; i < idle; i++) {
      openings.add(
          new Opening(
              new LoadUser(users++, "", times),
              node,
              "?otp=" + tickets.get(i) + "&username=i" + i + "-" + run,
              ""));
    }
    begun = System.nanoTime();
    open();
    return new Opened(idle / ticketSeconds, idle / ((System.nanoTime() - begun) / 1e9));
  }

  /** Serves the connections, and sends nothing. */
  public void rest(Duration length) throws IOException {
    loop.run(length, () -> false);
  }

  private LoadUser user(ServerNode node, String token, String destination) {
    LoadUser user = new LoadUser(users++, destination, times);
    openings.add(new Opening(user, node, "", "Authorization: Bearer " + token + "\r\n"));
    return user;
  }

  /** Opens what is to be opened, a bounded number at a time. */
  private void open() throws IOException {
    List<LoadUser> opening = new ArrayList<>();
    while (!openings.isEmpty() || !opening.isEmpty()) {
      while (!openings.isEmpty() && opening.size() < OPENING_AT_ONCE) {
        Opening next = openings.remove(openings.size() - 1);
        URI address = next.node().socket();
        next.user()
            .on(
                loop.connect(
                    new InetSocketAddress(address.getHost(), address.getPort()),
                    LoadSocket.upgrade(address, next.query(), next.headers()),
                    next.user()));
        opening.add(next.user());
      }
      int before = opening.size();
      loop.run(CONNECT, () -> opening.removeIf(LoadRun::isOpen));
      if (opening.size() == before) {
        throw new IOException(before + " connections were not welcomed in " + CONNECT);
      }
    }
  }

  private static boolean isOpen(LoadUser user) {
    if (user.closed() != null) {
      throw new IllegalStateException("a connection was refused: " + user.closed());
    }
    return user.welcomed();
  }

  /**
   * Loads the servers.
   *
   * @param rate messages a second in all, or 0 for a closed loop: each writer sends when its last
   *     message was acknowledged
   */
  public Result load(Duration length, int rate) throws IOException {
    if (rate == 0) {
      writers.forEach(LoadUser::startLoop);
    }
    play(WARM_UP, rate);
    times.acknowledged().reset();
    times.delivered().reset();
    long deliveriesBefore = received();
    Duration cpuBefore = cpu();
    long begun = System.nanoTime();
    play(length, rate);
    long deliveries = received() - deliveriesBefore;
    double seconds = (System.nanoTime() - begun) / 1e9;
    Duration cpu = cpu().minus(cpuBefore);
    Histogram acknowledged = times.acknowledged().copy();
    Histogram delivered = times.delivered().copy();
    writers.forEach(LoadUser::stopLoop);
    loop.run(QUIET, () -> received() >= sent() * deliveriesPerMessage);
    long broken = writers.stream().filter(user -> user.closed() != null).count();
    return new Result(
        deliveries / deliveriesPerMessage,
        deliveries,
        seconds,
        cpu,
        acknowledged,
        delivered,
        sent(),
        sent() * deliveriesPerMessage - received(),
        everybody().mapToLong(LoadUser::disordered).sum(),
        everybody().mapToLong(LoadUser::errors).sum() + broken);
  }

  /** Sends what is due, or in a closed loop just serves the connections. */
  private void play(Duration length, int rate) throws IOException {
    long begun = System.nanoTime();
    long[] sent = {0};
    loop.run(
        length,
        () -> false,
        now -> {
          if (rate == 0) {
            return now + TimeUnit.MILLISECONDS.toNanos(10);
          }
          long due = begun + (long) (sent[0] * 1e9 / rate);
          for (; due - now <= 0; due = begun + (long) (sent[0] * 1e9 / rate)) {
            writers.get((int) (sent[0]++ % writers.size())).send(due);
          }
          return due;
        });
  }

  private Stream<LoadUser> everybody() {
    return Stream.concat(writers.stream(), readers.stream());
  }

  private long received() {
    return everybody().mapToLong(LoadUser::received).sum();
  }

  private long sent() {
    return writers.stream().mapToLong(LoadUser::sent).sum();
  }

  private Duration cpu() {
    return nodes.stream().map(ServerNode::cpu).reduce(Duration.ZERO, Duration::plus);
  }

  /** Cuts all connections. */
  @Override
  public void close() throws IOException {
    loop.close();
  }
}
