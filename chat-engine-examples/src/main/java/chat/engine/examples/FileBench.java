package chat.engine.examples;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import chat.engine.examples.bench.Medians;
import chat.engine.examples.bench.PlainNginx;
import chat.engine.examples.bench.RawDownload;
import chat.engine.examples.load.LoadBeside;
import chat.engine.examples.load.LoadRun;
import chat.engine.examples.local.LocalServers;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerProcesses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Measures uploads and downloads of 1 GB in files of 10 MB: how fast they are, beside a plain nginx
 * that serves the same files in the same run, how much heap they take, and what those notice who
 * send messages meanwhile; and what they notice of the same work without this server, which nobody
 * can do better than.
 *
 * <pre>FileBench chat-server.jar [rounds]</pre>
 */
public final class FileBench {
  private static final int FILES = 100;
  private static final int FILE_BYTES = 10_000_000;
  private static final int AT_ONCE = 4;
  private static final Duration LENGTH = Duration.ofSeconds(8);

  private final ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Double> rates = new ArrayList<>();
  private final List<Double> ratios = new ArrayList<>();
  private final ServerNode node;
  private final URI url;
  private String token = "";

  private FileBench(ServerNode node, URI url) {
    this.node = node;
    this.url = url;
  }

  public static void main(String[] args) throws Exception {
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    System.out.println(Medians.machine());
    System.out.printf(
        "PostgreSQL with fsync and synchronous_commit on; %d files of %,d bytes, %d at once%n",
        FILES, FILE_BYTES, AT_ONCE);
    Path directory = Files.createTempDirectory("file-bench-");
    try (LocalServers servers = LocalServers.start();
        ServerProcesses processes =
            ServerProcesses.start(
                Path.of(args[0]),
                servers,
                1,
                List.of("--files-dir", directory.toString(), "--files-per-user-bytes", "0"))) {
      ServerNode node = processes.nodes().get(0);
      new FileBench(node, processes.processes().get(0).url()).run(rounds, directory);
    }
    System.exit(0);
  }

  private void run(int rounds, Path directory) throws Exception {
    token = node.api().enter("filer");
    node.api().provision(token);
    LoadBeside.run(List.of(node), LENGTH); // warms up
    List<String> ids = upload();
    Path plain = Files.createDirectories(directory.resolve("plain"));
    byte[] content = content(1);
    for (int i = 0; i < FILES; i++) {
      Files.write(plain.resolve(Integer.toString(i)), content);
    }
    download(url, "/v1/files/", ids); // warms up
    heap(ids);
    try (PlainNginx nginx = PlainNginx.start(plain)) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < FILES; i++) {
        names.add(Integer.toString(i));
      }
      download(nginx.url(), "/", names);
      latency(
          rounds,
          Map.of(
              "uploads", this::upload,
              "downloads", () -> download(url, "/v1/files/", ids),
              "plain writes", () -> write(plain),
              "downloads from nginx", () -> download(nginx.url(), "/", names)));
      for (int round = 0; round < rounds; round++) {
        double ours = download(url, "/v1/files/", ids);
        double theirs = download(nginx.url(), "/", names);
        rates.add(ours);
        ratios.add(ours / theirs);
        System.out.printf(
            Locale.ROOT,
            "  downloads: %,.0f MB/s, nginx %,.0f MB/s: %.2f%n",
            ours,
            theirs,
            ours / theirs);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "medians of %d rounds: %,.0f MB/s, %.2f of nginx. %s%n",
        rounds,
        Medians.of(rates),
        Medians.of(ratios),
        Medians.machine());
    threads.shutdownNow();
  }

  private static byte[] content(int seed) {
    byte[] bytes = new byte[FILE_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private List<String> upload() throws Exception {
    byte[] content = content(1);
    long begun = System.nanoTime();
    List<Future<String>> calls = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      String name = "file" + i;
      calls.add(threads.submit(() -> upload(name, content)));
    }
    List<String> ids = new ArrayList<>();
    for (Future<String> call : calls) {
      ids.add(call.get());
    }
    System.out.printf(
        Locale.ROOT,
        "  uploads: %,.0f MB/s, each file forced to the disk%n",
        FILES * (FILE_BYTES / 1e6) / ((System.nanoTime() - begun) / 1e9));
    return ids;
  }

  private String upload(String name, byte[] content) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(url.resolve("/v1/files?name=" + name))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(content))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new IOException("an upload was refused: " + answer.body());
    }
    return ServerApi.parse(answer.body()).get("file_id").asString();
  }

  /**
   * @return megabytes per second
   */
  private double download(URI server, String path, List<String> names) throws Exception {
    long begun = System.nanoTime();
    List<Future<Long>> workers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      int first = i;
      workers.add(
          threads.submit(
              () -> {
                long bytes = 0;
                try (RawDownload connection = new RawDownload(server)) {
                  for (int f = first; f < names.size(); f += AT_ONCE) {
                    bytes +=
                        connection.get(
                            path + names.get(f), "Authorization: Bearer " + token + "\r\n");
                  }
                }
                return bytes;
              }));
    }
    long bytes = 0;
    for (Future<Long> worker : workers) {
      bytes += worker.get();
    }
    return bytes / 1e6 / ((System.nanoTime() - begun) / 1e9);
  }

  /** Live heap, after a full collection each time: while nothing and while files move. */
  private void heap(List<String> ids) throws Exception {
    long idle = node.liveHeapBytes();
    long up = mostHeapWhile(this::upload);
    long down = mostHeapWhile(() -> download(url, "/v1/files/", ids));
    System.out.printf(
        Locale.ROOT,
        "live heap: %.1f MB idle, at most %.1f MB while 1 GB comes in, %.1f MB while 1 GB goes out;"
            + " %.1f MB after all%n",
        idle / 1e6,
        up / 1e6,
        down / 1e6,
        node.liveHeapBytes() / 1e6);
  }

  private interface Work {
    Object run() throws Exception;
  }

  private long mostHeapWhile(Work work) throws Exception {
    CompletableFuture<Object> done = inBackground(work);
    long most = 0;
    do {
      most = Math.max(most, node.liveHeapBytes());
    } while (!done.isDone());
    done.get();
    return most;
  }

  private static CompletableFuture<Object> inBackground(Work work) {
    CompletableFuture<Object> done = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                done.complete(work.run());
              } catch (Exception fault) {
                done.completeExceptionally(fault);
              }
            },
            "work");
    thread.start();
    return done;
  }

  /**
   * Files as large as those, written and forced to the same disk without any server: the ceiling.
   */
  private Object write(Path directory) throws Exception {
    byte[] content = content(1);
    List<Future<Path>> writes = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      Path file = directory.resolve("written" + i);
      writes.add(
          threads.submit(
              () -> {
                try (FileChannel out = FileChannel.open(file, CREATE, WRITE, TRUNCATE_EXISTING)) {
                  out.write(ByteBuffer.wrap(content));
                  out.force(true);
                }
                return file;
              }));
    }
    for (Future<Path> written : writes) {
      written.get();
    }
    return directory;
  }

  /** What sends take beside nothing, and beside each work, which is done again and again. */
  private void latency(int rounds, Map<String, Work> works) throws Exception {
    Map<String, List<Double>> found = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      found
          .computeIfAbsent("nothing", none -> new ArrayList<>())
          .add(p99("nothing", LoadBeside.run(List.of(node), LENGTH), 0));
      for (Map.Entry<String, Work> work : works.entrySet()) {
        found
            .computeIfAbsent(work.getKey(), none -> new ArrayList<>())
            .add(beside(work.getKey(), work.getValue()));
        TimeUnit.SECONDS.sleep(1);
      }
    }
    found.forEach(
        (beside, times) ->
            System.out.printf(
                Locale.ROOT,
                "median of %d rounds: p99 of sends %.1f ms beside %s%n",
                rounds,
                Medians.of(times),
                beside));
    System.out.println(Medians.machine());
  }

  private static double p99(String beside, LoadRun.Result result, long bytes) {
    System.out.printf(
        Locale.ROOT,
        "  beside %s (%,.0f MB/s), %s%n",
        beside,
        bytes / 1e6 / LENGTH.toSeconds(),
        LoadBeside.line(result));
    return LoadBeside.p99(result);
  }

  private double beside(String name, Work work) throws Exception {
    AtomicBoolean measured = new AtomicBoolean();
    AtomicLong bytes = new AtomicLong();
    CompletableFuture<Object> working =
        inBackground(
            () -> {
              while (!measured.get()) {
                work.run();
                bytes.addAndGet((long) FILES * FILE_BYTES);
              }
              return measured;
            });
    LoadRun.Result result;
    try {
      result = LoadBeside.run(List.of(node), LENGTH);
    } catch (IOException | UncheckedIOException fault) {
      throw new IOException("beside files", fault);
    } finally {
      measured.set(true);
    }
    double p99 = p99(name, result, bytes.get());
    working.get();
    return p99;
  }
}
