package chat.engine.examples;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Puts load on a running chat-server: pairs of users who write to each other over WebSocket, in a
 * closed loop (each sends when its last message was acknowledged) or at a fixed rate, in which case
 * latency counts from the moment at which a message was due. Checks that each message arrived once
 * and in order.
 *
 * <p>Start the server with {@code --messages-per-second 1000000}, or its rate limit is what is
 * measured. Arguments: {@code --server URL}, {@code --pairs N}, {@code --seconds N}, {@code --rate
 * N} messages a second in all (closed loop without it), {@code --idle N} connections that do
 * nothing, {@code --server-pid PID} for the server's CPU time.
 */
public final class LoadGenerator {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration SERVER_WAIT = Duration.ofSeconds(60);
  private static final Duration WARM_UP = Duration.ofSeconds(3);
  private static final Duration QUIET = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ConcurrentHistogram acknowledged = histogram();
  private final ConcurrentHistogram delivered = histogram();
  private final Arguments arguments;

  private record Arguments(
      String server, int pairs, int seconds, int rate, int idle, long serverPid) {
    private static final List<String> NAMES =
        List.of("--server", "--pairs", "--seconds", "--rate", "--idle", "--server-pid");

    static Arguments parse(String[] given) {
      Map<String, String> named = new HashMap<>();
      for (int i = 0; i < given.length; i += 2) {
        if (!NAMES.contains(given[i]) || i + 1 == given.length) {
          throw new IllegalArgumentException(
              given[i] + " is unknown or lacks its value; there are " + NAMES);
        }
        named.put(given[i], given[i + 1]);
      }
      return new Arguments(
          named.getOrDefault("--server", "http://127.0.0.1:8080"),
          Integer.parseInt(named.getOrDefault("--pairs", "50")),
          Integer.parseInt(named.getOrDefault("--seconds", "20")),
          Integer.parseInt(named.getOrDefault("--rate", "0")),
          Integer.parseInt(named.getOrDefault("--idle", "0")),
          Long.parseLong(named.getOrDefault("--server-pid", "0")));
    }
  }

  private LoadGenerator(Arguments arguments) {
    this.arguments = arguments;
  }

  private static ConcurrentHistogram histogram() {
    return new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(5), 3);
  }

  /** Ends with status 1 if a message was lost, doubled or out of order, 2 for wrong arguments. */
  public static void main(String[] args) throws Exception {
    try {
      if (!run(args)) {
        System.exit(1);
      }
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
    }
  }

  static boolean run(String... args) throws Exception {
    return new LoadGenerator(Arguments.parse(args)).play();
  }

  private boolean play() throws Exception {
    awaitServer();
    URI socket =
        URI.create(
            "ws://"
                + URI.create(arguments.server()).getHost()
                + ":"
                + get("/config.json").get("ws_port").asInt()
                + "/v1/ws");
    String run = UUID.randomUUID().toString().substring(0, 8);
    System.out.printf(
        Locale.ROOT,
        "machine: %d cores, Java %s; %d pairs, %d idle connections, %s, about 40 bytes of text%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version().feature(),
        arguments.pairs(),
        arguments.idle(),
        arguments.rate() == 0 ? "closed loop" : arguments.rate() + " messages/s");
    List<LoadUser> users = pairs(run, socket);
    List<LoadUser> idle = idle(run, socket);
    System.out.println("all are connected");
    Counts counts = load(users);
    boolean complete = report(users, counts);
    users.forEach(LoadUser::close);
    idle.forEach(LoadUser::close);
    return complete;
  }

  private void awaitServer() throws Exception {
    long deadline = System.nanoTime() + SERVER_WAIT.toNanos();
    while (true) {
      try {
        get("/healthz");
        return;
      } catch (IOException notYet) {
        if (System.nanoTime() - deadline > 0) {
          throw new IOException("no server answers at " + arguments.server(), notYet);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
      }
    }
  }

  private List<LoadUser> pairs(String run, URI socket) throws Exception {
    List<LoadUser> users = new ArrayList<>();
    for (int i = 0; i < arguments.pairs(); i++) {
      String left = "l" + i + "-" + run;
      String right = "r" + i + "-" + run;
      String leftToken = signUp(left);
      String rightToken = signUp(right);
      call("POST", "/v1/contact/add", Map.of("friend_username", right), leftToken);
      users.add(LoadUser.connect(http, socket, leftToken, right, acknowledged, delivered));
      users.add(LoadUser.connect(http, socket, rightToken, left, acknowledged, delivered));
    }
    return users;
  }

  private List<LoadUser> idle(String run, URI socket) throws Exception {
    List<LoadUser> users = new ArrayList<>();
    String token = arguments.idle() > 0 ? signUp("idle-" + run) : "";
    for (int i = 0; i < arguments.idle(); i++) {
      users.add(LoadUser.connect(http, socket, token, "", acknowledged, delivered));
    }
    return users;
  }

  private String signUp(String name) throws Exception {
    String email = name + "@example.org";
    call(
        "POST",
        "/v1/auth/register",
        Map.of("username", name, "email", email, "password", "load load"),
        null);
    return call("POST", "/v1/auth/login", Map.of("email", email, "password", "load load"), null)
        .get("access_token")
        .asString();
  }

  private record Counts(long messages, double seconds, Duration cpu) {}

  private Counts load(List<LoadUser> users) {
    boolean closedLoop = arguments.rate() == 0;
    if (closedLoop) {
      users.forEach(LoadUser::startLoop);
    }
    long begin = System.nanoTime();
    pace(users, begin, WARM_UP);
    acknowledged.reset();
    delivered.reset();
    long before = received(users);
    Duration cpuBefore = serverCpu();
    long measured = System.nanoTime();
    pace(users, measured, Duration.ofSeconds(arguments.seconds()));
    long messages = received(users) - before;
    double seconds = (System.nanoTime() - measured) / 1e9;
    Duration cpu = serverCpu().minus(cpuBefore);
    users.forEach(LoadUser::stopLoop);
    awaitQuiet(users);
    return new Counts(messages, seconds, cpu);
  }

  /** Sends what is due, or in a closed loop just waits. */
  private void pace(List<LoadUser> users, long begin, Duration length) {
    long sent = 0;
    long elapsed = System.nanoTime() - begin;
    while (elapsed < length.toNanos()) {
      long due = (long) (elapsed / 1e9 * arguments.rate());
      for (; sent < due; sent++) {
        long intended = begin + (long) (sent * 1e9 / arguments.rate());
        users.get((int) (sent % users.size())).send(intended);
      }
      LockSupport.parkNanos(500_000);
      elapsed = System.nanoTime() - begin;
    }
  }

  private static long received(List<LoadUser> users) {
    return users.stream().mapToLong(LoadUser::received).sum();
  }

  private static void awaitQuiet(List<LoadUser> users) {
    long deadline = System.nanoTime() + QUIET.toNanos();
    while (System.nanoTime() - deadline < 0
        && received(users) < users.stream().mapToLong(LoadUser::sent).sum()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private Duration serverCpu() {
    return ProcessHandle.of(arguments.serverPid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  private boolean report(List<LoadUser> users, Counts counts) {
    long sent = users.stream().mapToLong(LoadUser::sent).sum();
    long lost = sent - received(users);
    long disordered = users.stream().mapToLong(LoadUser::disordered).sum();
    long errors = users.stream().mapToLong(LoadUser::errors).sum();
    System.out.printf(
        Locale.ROOT,
        "%,.0f messages/s acknowledged and delivered (%,d in %.1f s)%n",
        counts.messages() / counts.seconds(),
        counts.messages(),
        counts.seconds());
    print("send to acknowledgement", acknowledged);
    print("send to delivery       ", delivered);
    if (arguments.serverPid() != 0 && counts.messages() > 0) {
      System.out.printf(
          Locale.ROOT,
          "CPU of the server process: %.0f us a message (its PostgreSQL not counted)%n",
          counts.cpu().toNanos() / 1e3 / counts.messages());
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d lost, %d doubled or out of order, %d errors, of %,d sent%n",
        lost + disordered + errors == 0 ? "PASSED" : "FAILED",
        lost,
        disordered,
        errors,
        sent);
    return lost + disordered + errors == 0;
  }

  private static void print(String what, ConcurrentHistogram times) {
    System.out.printf(
        Locale.ROOT,
        "%s: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms%n",
        what,
        times.getValueAtPercentile(50) / 1e6,
        times.getValueAtPercentile(99) / 1e6,
        times.getValueAtPercentile(99.9) / 1e6);
  }

  private JsonNode get(String path) throws IOException, InterruptedException {
    return call("GET", path, Map.of(), null);
  }

  private JsonNode call(
      String method, String path, Map<String, String> body, @Nullable String token)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(arguments.server() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    HttpResponse<String> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() >= 300) {
      throw new IOException(method + " " + path + ": " + response.body());
    }
    return JSON.readTree(response.body());
  }
}
