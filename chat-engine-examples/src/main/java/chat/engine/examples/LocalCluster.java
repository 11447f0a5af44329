package chat.engine.examples;

import chat.engine.examples.cluster.Cluster;
import chat.engine.examples.cluster.ClusterOptions;
import chat.engine.examples.cluster.ClusterScreen;
import chat.engine.examples.cluster.Demo;
import chat.engine.examples.local.Browser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster on this machine, without Docker, to break by hand: PostgreSQL, Redis, some nodes
 * of chat-server and a balancer, with users who keep writing to each other. One key kills, stops,
 * cuts off or starts a part, while one sees that no acknowledged message is lost or comes twice. On
 * a terminal it is a screen with keys; otherwise it prints a line a second and reads commands.
 *
 * <pre>LocalCluster [JAR] [--port 8080] [--nodes 3] [--pairs 2] [--rate 5] [--plain] [--no-browser]
 * </pre>
 *
 * <p>{@code JAR} is chat-server.jar, {@code --rate} what each user writes in a second, {@code
 * --port 0} any free port, which it also takes if nothing is said and 8080 is taken. On a terminal
 * of a desktop it opens the page in the browser, unless there is {@code --no-browser}.
 */
public final class LocalCluster {
  private LocalCluster() {}

  /** Ends with status 1 if a message was lost or came twice, 2 for wrong arguments. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int status;
    try (Terminal terminal = terminal(args)) {
      status = run(terminal, System.in, System.out, args) ? 0 : 1;
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      status = 2;
    } catch (IOException fault) {
      System.err.println(fault.getMessage());
      status = 1;
    }
    System.out.flush();
    System.exit(status); // threads of clients would stay for a while
  }

  /** Null if there is none, or it is not wanted. */
  private static @Nullable Terminal terminal(String... args) {
    if (List.of(args).contains("--plain")) {
      return null;
    }
    try {
      return TerminalBuilder.builder().system(true).dumb(false).build();
    } catch (IOException | IllegalStateException none) {
      return null;
    }
  }

  /**
   * @param terminal null to print lines and read commands
   * @return whether nothing was lost or doubled
   */
  static boolean run(@Nullable Terminal terminal, InputStream in, PrintStream out, String... args)
      throws IOException, InterruptedException {
    ClusterOptions options = ClusterOptions.parse(args);
    out.println("Starting PostgreSQL, Redis and " + options.nodes() + " nodes ...");
    Cluster cluster = Cluster.start(options.jar(), options.freePort(), options.nodes());
    try (Demo demo = new Demo(cluster, terminal == null ? out::println : line -> {})) {
      out.println("The page is " + cluster.page() + "; the logs are in " + cluster.folder());
      demo.begin(options.pairs(), options.rate());
      if (terminal != null && options.opensBrowser()) {
        demo.note(
            Browser.open(cluster.page())
                ? "the page opens in your browser"
                : "no browser found here: open the page yourself");
      }
      if (terminal == null) {
        commands(demo, in, out);
      } else {
        new ClusterScreen(terminal, demo).run();
      }
      out.println(demo.summary());
      out.println("Stopping everything ...");
      return demo.passed();
    }
  }

  private static void commands(Demo demo, InputStream in, PrintStream out)
      throws IOException, InterruptedException {
    demo.handle("help");
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    clock.scheduleAtFixedRate(() -> out.println(demo.line()), 1, 1, TimeUnit.SECONDS);
    try {
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      String line = lines.readLine();
      while (line != null && demo.handle(line)) {
        line = lines.readLine();
      }
    } finally {
      clock.shutdownNow();
    }
  }
}
