package chat.engine.examples.cluster;

import chat.engine.examples.local.LocalServers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/** What was asked for on the command line of {@link chat.engine.examples.LocalCluster}. */
public final class ClusterOptions {
  private static final int PORT = 8080;
  private static final String USAGE =
      "LocalCluster [JAR] [--port 8080] [--nodes 3] [--pairs 2] [--rate 5] [--plain] [--no-browser]";

  private Path jar = Path.of("chat-server/target/chat-server.jar");
  private int port = -1; // not said
  private int nodes = 3;
  private int pairs = 2;
  private int rate = 5;
  private boolean browser = true;

  private ClusterOptions() {}

  /**
   * @throws IllegalArgumentException if something cannot be, with a sentence for the person
   */
  public static ClusterOptions parse(String... given) {
    ClusterOptions options = new ClusterOptions();
    for (int i = 0; i < given.length; i++) {
      switch (given[i]) {
        case "--help", "-h" -> throw new IllegalArgumentException("Usage: " + USAGE);
        case "--plain" -> {} // decided before the terminal is opened
        case "--no-browser" -> options.browser = false;
        case "--port" -> options.port = number(given, i++, 0, 65_535);
        case "--nodes" -> options.nodes = number(given, i++, 1, 9);
        case "--pairs" -> options.pairs = number(given, i++, 1, 1_000);
        case "--rate" -> options.rate = number(given, i++, 1, 1_000);
        default -> options.jar = jar(given[i]);
      }
    }
    return options;
  }

  private static Path jar(String given) {
    if (given.startsWith("-")) {
      throw new IllegalArgumentException("unknown: " + given + "; usage: " + USAGE);
    }
    return Path.of(given);
  }

  private static int number(String[] given, int at, int least, int most) {
    if (at + 1 == given.length) {
      throw new IllegalArgumentException(given[at] + " needs a value");
    }
    String value = given[at + 1];
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException none) {
      // the same as a number out of range
    }
    throw new IllegalArgumentException(
        given[at] + " must be " + least + " to " + most + ", not " + value);
  }

  public Path jar() {
    return jar;
  }

  /**
   * The port of the page, on which nobody listens now.
   *
   * @throws IllegalArgumentException if the one that was asked for is taken
   */
  public int freePort() throws IOException {
    if (port == 0 || (port < 0 && !isFree(PORT))) {
      return LocalServers.freePort();
    }
    if (port > 0 && !isFree(port)) {
      throw new IllegalArgumentException(
          "port " + port + " is taken: choose another one with --port, or any with --port 0");
    }
    return port < 0 ? PORT : port;
  }

  private static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  public int nodes() {
    return nodes;
  }

  /** Pairs of users who write to each other. */
  public int pairs() {
    return pairs;
  }

  /** What each of them writes in a second. */
  public int rate() {
    return rate;
  }

  /** Whether the page opens in the browser. */
  public boolean opensBrowser() {
    return browser;
  }
}
