package chat.engine.examples;

import chat.engine.examples.bench.Medians;
import chat.engine.examples.load.LoadBeside;
import chat.engine.examples.load.LoadRun;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcesses;
import chat.engine.examples.server.ServerSession;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures what others notice of bots that stream: 100 users ask 100 bots of a language model,
 * which this program plays, and while all answers grow other users send at a modest rate. Rounds
 * without bots are the ceiling; both are measured in turn.
 *
 * <pre>BotBench chat-server.jar [rounds]</pre>
 */
public final class BotBench {
  private static final int BOTS = 100;
  private static final int PIECES = 260;
  private static final int PIECE_MILLIS = 50;
  private static final Duration LENGTH = Duration.ofSeconds(8);

  private final AtomicInteger streaming = new AtomicInteger();
  private final AtomicLong edits = new AtomicLong();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private BotBench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    new BotBench().run(Path.of(args[0]), rounds);
    System.exit(0);
  }

  private void run(Path jar, int rounds) throws IOException, InterruptedException {
    System.out.println(Medians.machine());
    System.out.printf(
        "PostgreSQL with fsync and synchronous_commit on; %d bots, answers of %d pieces of about 6"
            + " bytes, one every %d ms; rounds of %d s%n",
        BOTS, PIECES, PIECE_MILLIS, LENGTH.toSeconds());
    HttpServer model =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BOTS);
    model.setExecutor(threads);
    model.createContext("/", this::answer);
    model.start();
    Path file = Files.createTempFile("integrations-", ".json");
    Files.writeString(file, integrations(model.getAddress().getPort()));
    try (LocalServers servers = LocalServers.start();
        ServerProcesses processes =
            ServerProcesses.start(jar, servers, 1, List.of("--integrations", file.toString()))) {
      measure(processes.nodes(), rounds);
    } finally {
      model.stop(0);
      threads.shutdownNow();
      Files.delete(file);
    }
  }

  private static String integrations(int port) {
    ObjectNode file = ServerApi.object();
    for (int i = 0; i < BOTS; i++) {
      file.withArray("bots")
          .addObject()
          .put("username", "bot" + i)
          .put("kind", "openai")
          .put("model", "small")
          .put("url", "http://127.0.0.1:" + port + "/");
    }
    return file.toString();
  }

  private void answer(HttpExchange call) throws IOException {
    call.getRequestBody().readAllBytes();
    call.getResponseHeaders().set("Content-Type", "text/event-stream");
    call.sendResponseHeaders(200, 0);
    streaming.incrementAndGet();
    try (OutputStream out = call.getResponseBody()) {
      for (int i = 0; i < PIECES; i++) {
        out.write(piece(i).getBytes(StandardCharsets.UTF_8));
        out.flush();
        TimeUnit.MILLISECONDS.sleep(PIECE_MILLIS);
      }
      out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } finally {
      streaming.decrementAndGet();
    }
  }

  private static String piece(int number) {
    return "data: {\"choices\":[{\"delta\":{\"content\":\"word" + number + " \"}}]}\n\n";
  }

  private void measure(List<ServerNode> nodes, int rounds)
      throws IOException, InterruptedException {
    List<ServerSession> users = new ArrayList<>();
    HttpClient http = HttpClient.newHttpClient();
    for (int i = 0; i < BOTS; i++) {
      String name = "asker" + i;
      users.add(new ServerSession(http, nodes, 0, api -> api.enter(name), "bench", new Reader()));
      users.get(i).connect().join();
    }
    LoadBeside.run(nodes, LENGTH); // warms up
    beside(nodes, users, -1);
    List<Double> without = new ArrayList<>();
    List<Double> with = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      LoadRun.Result alone = LoadBeside.run(nodes, LENGTH);
      System.out.println("  without bots, " + LoadBeside.line(alone));
      LoadRun.Result beside = beside(nodes, users, round);
      without.add(LoadBeside.p99(alone));
      with.add(LoadBeside.p99(beside));
      ratios.add(with.get(round) / without.get(round));
    }
    System.out.printf(
        Locale.ROOT,
        "medians of %d rounds: p99 %.1f ms without bots, %.1f ms beside %d answers that grow; ratio"
            + " %.2f. %s%n",
        rounds,
        Medians.of(without),
        Medians.of(with),
        BOTS,
        Medians.of(ratios),
        Medians.machine());
    users.forEach(ServerSession::close);
  }

  private LoadRun.Result beside(List<ServerNode> nodes, List<ServerSession> users, int round)
      throws IOException, InterruptedException {
    for (int i = 0; i < BOTS; i++) {
      users
          .get(i)
          .ask(
              ServerApi.object()
                  .put("type", "send")
                  .put("to", "bot" + i)
                  .put("client_message_id", "q" + round)
                  .put("text", "Tell me."))
          .join();
    }
    while (streaming.get() < BOTS) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    long before = edits.get();
    long begun = System.nanoTime();
    LoadRun.Result result = LoadBeside.run(nodes, LENGTH);
    int still = streaming.get();
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "  with %d answers (%d of them still at the end) and %.0f edits/s told, %s%n",
        BOTS,
        still,
        (edits.get() - before) / seconds,
        LoadBeside.line(result));
    while (streaming.get() > 0) {
      TimeUnit.MILLISECONDS.sleep(100);
    }
    TimeUnit.SECONDS.sleep(2);
    return result;
  }

  private final class Reader implements ServerSession.Listener {
    @Override
    public void message(ObjectNode message, boolean live) {}

    @Override
    public void event(ObjectNode event) {
      if (event.path("type").asString("").equals("message_edited")) {
        edits.incrementAndGet();
      }
    }

    @Override
    public void online(JsonNode conversations) {}

    @Override
    public void offline(String reason, boolean again) {}
  }
}
