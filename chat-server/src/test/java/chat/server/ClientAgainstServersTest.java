package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JavaScript client in Node and in a browser, against two nodes on one database, over a network
 * that breaks: {@code server-tests.js}. Skipped where there is no Node, or no Chromium.
 *
 * <p>One of the tests is a random history, {@code model.js}. It says its seed where it fails; the
 * property {@code chat.client.seed} names one, and {@code chat.client.runs} how many Node runs from
 * there on.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class ClientAgainstServersTest {
  private static final int SEED =
      Integer.getInteger("chat.client.seed", ThreadLocalRandom.current().nextInt(1_000_000));
  private static final int RUNS = Integer.getInteger("chat.client.runs", 1);

  @TempDir private static Path folder;
  @TempDir private static Path uploads;
  private static RoughNetwork network;
  private static ChatServer north;
  private static ChatServer south;
  private static ClientFiles pages;
  private static ObjectNode addresses;

  @BeforeAll
  static void start() throws Exception {
    pages = ClientFiles.serve();
    String database = TestServer.freshDatabase();
    north = node(database);
    south = node(database);
    network = new RoughNetwork();
    addresses = JsonObjects.object().put("control", network.control()).put("seed", SEED);
    for (ChatServer node : List.of(north, south)) {
      addresses.withArray("bases").add("http://127.0.0.1:" + network.to(node.httpPort()));
      addresses.withArray("sockets").add("ws://127.0.0.1:" + network.to(node.wsPort()) + "/v1/ws");
    }
  }

  private static String world(int runs) {
    return addresses.deepCopy().put("runs", runs).toString();
  }

  private static ChatServer node(String database) throws IOException {
    return TestServer.start(
        "--database-url=" + database,
        "--router=postgres",
        "--origins=*",
        "--files-dir=" + uploads,
        "--messages-per-second=200",
        "--heartbeat-seconds=2");
  }

  @AfterAll
  static void stop() throws Exception {
    network.close();
    north.close();
    south.close();
    pages.close();
  }

  @Test
  void inNode() throws Exception {
    assumeTrue(NodeProgram.isInstalled(), "no Node on the path");
    ClientFiles.copyTo(folder);
    assertThat(NodeProgram.run(folder, "tests/server-tests.js", world(RUNS))).contains("ok ");
  }

  @Test
  @Tag("thorough")
  void inABrowser(@TempDir Path profile) throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    try (Browser browser = Browser.start(chromium.get(), profile)) {
      Browser.Tab tab = browser.open(pages.origin() + "/");
      String module = "import('/tests/server-tests.js')";
      for (JsonNode name : tab.run(module + ".then(({ tests }) => Object.keys(tests))")) {
        String said =
            tab.run(module + ".then(({ runAll }) => runAll(" + world(1) + ", " + name + "))")
                .asString();
        assertThat(said.lines()).as(said).isNotEmpty().allMatch(line -> line.startsWith("ok "));
      }
    }
  }
}
