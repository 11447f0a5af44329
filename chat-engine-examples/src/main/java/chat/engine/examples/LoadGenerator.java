package chat.engine.examples;

import chat.engine.examples.load.LoadRun;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcesses;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Puts load on running chat-servers over WebSocket, from one thread: pairs of users who write to
 * each other, or a group of which some write, in a closed loop (each sends when its last message
 * was acknowledged) or at a fixed rate, in which case latency counts from the moment at which a
 * message was due. Checks that each message arrived once and in order.
 *
 * <pre>
 * LoadGenerator [--server URL ...] [--server-jar JAR [--nodes N]] [--pairs N] [--group MEMBERS]
 *   [--senders N] [--idle N] [--seconds N] [--rate N] [--issuer-secret SECRET] [--server-pid PID ...]
 * </pre>
 *
 * <p>Start a server with {@code --messages-per-second 1000000}, or its rate limit is what is
 * measured; or name a chat-server.jar, and as many nodes of it are started as wanted, on a
 * PostgreSQL and a Redis of their own. Users of a server that takes our tokens ({@code --issuer
 * chat-engine-examples --issuer-provision true} and the same secret) need no password hash each.
 */
public final class LoadGenerator {
  private LoadGenerator() {}

  /** Ends with status 1 if a message was lost, doubled or out of order, 2 for wrong arguments. */
  public static void main(String[] args) throws IOException, InterruptedException {
    try {
      if (!run(args)) {
        System.exit(1);
      }
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
    }
  }

  /**
   * @return whether every message arrived once and in order
   */
  static boolean run(String... args) throws IOException, InterruptedException {
    Arguments arguments = Arguments.parse(args);
    if (arguments.jar == null) {
      return load(arguments, running(arguments));
    }
    try (LocalServers servers = LocalServers.start();
        ServerProcesses processes =
            ServerProcesses.start(arguments.jar, servers, arguments.nodes)) {
      return load(arguments, processes.nodes());
    }
  }

  private static List<ServerNode> running(Arguments arguments)
      throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    List<ServerNode> nodes = new ArrayList<>();
    for (int i = 0; i < arguments.servers.size(); i++) {
      long pid = i < arguments.pids.size() ? arguments.pids.get(i) : 0;
      nodes.add(ServerNode.connect(http, arguments.servers.get(i), arguments.issuerSecret, pid));
    }
    return nodes;
  }

  private static boolean load(Arguments arguments, List<ServerNode> nodes)
      throws IOException, InterruptedException {
    System.out.printf(
        Locale.ROOT,
        "machine: %d cores, Java %s; %d nodes, %s, %d idle connections, %s, about 40 bytes of text%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().feature(),
        nodes.size(),
        arguments.group > 0
            ? "a group of " + arguments.group + " of whom " + arguments.senders + " write"
            : arguments.pairs + " pairs",
        arguments.idle,
        arguments.rate == 0 ? "closed loop" : arguments.rate + " messages/s");
    try (LoadRun run = new LoadRun(nodes)) {
      if (arguments.idle > 0) {
        LoadRun.Opened opened = run.addIdle(arguments.idle);
        System.out.printf(
            Locale.ROOT,
            "%,.0f tickets/s, %,.0f connections/s opened with them%n",
            opened.ticketsPerSecond(),
            opened.connectionsPerSecond());
      }
      if (arguments.group > 0) {
        run.addGroup(arguments.group, arguments.senders);
      } else {
        run.addPairs(arguments.pairs);
      }
      System.out.println("all are connected");
      LoadRun.Result result = run.load(Duration.ofSeconds(arguments.seconds), arguments.rate);
      result.print();
      return result.passed();
    }
  }

  private static final class Arguments {
    private final List<URI> servers = new ArrayList<>();
    private final List<Long> pids = new ArrayList<>();
    private @Nullable Path jar;
    private int nodes = 1;
    private int pairs = 50;
    private int group;
    private int senders = 10;
    private int idle;
    private int seconds = 20;
    private int rate;
    private @Nullable String issuerSecret;

    static Arguments parse(String[] given) {
      Arguments arguments = new Arguments();
      for (int i = 0; i < given.length; i += 2) {
        if (i + 1 == given.length) {
          throw new IllegalArgumentException(given[i] + " needs a value");
        }
        arguments.set(given[i], given[i + 1]);
      }
      if (arguments.servers.isEmpty()) {
        arguments.servers.add(URI.create("http://127.0.0.1:8080"));
      }
      if (arguments.senders > arguments.group && arguments.group > 0) {
        throw new IllegalArgumentException("--senders cannot be more than the --group");
      }
      return arguments;
    }

    private void set(String name, String value) {
      switch (name) {
        case "--server" -> servers.add(URI.create(value));
        case "--server-pid" -> pids.add(Long.parseLong(value));
        case "--server-jar" -> jar = Path.of(value);
        case "--nodes" -> nodes = Integer.parseInt(value);
        case "--pairs" -> pairs = Integer.parseInt(value);
        case "--group" -> group = Integer.parseInt(value);
        case "--senders" -> senders = Integer.parseInt(value);
        case "--idle" -> idle = Integer.parseInt(value);
        case "--seconds" -> seconds = Integer.parseInt(value);
        case "--rate" -> rate = Integer.parseInt(value);
        case "--issuer-secret" -> issuerSecret = value;
        default -> throw new IllegalArgumentException("unknown: " + name);
      }
    }
  }
}
