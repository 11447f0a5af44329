package chat.server.page;

import static chat.server.page.ChatPage.SHOWN;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.server.FreePort;
import chat.server.TestServer;
import chat.server.nodes.Balancer;
import chat.server.nodes.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisServer;

/** Two people whose pages are connected to two nodes, behind a balancer; one node is killed. */
@Tag("thorough")
@Timeout(180)
final class KilledNodeOnThePageTest {
  @RegisterExtension static final SharedBrowser BROWSER = new SharedBrowser();

  @TempDir private Path folder;
  private final List<AutoCloseable> parts = new ArrayList<>();
  private final List<String> said = new ArrayList<>(); // by both
  private Balancer pages;
  private Balancer sockets;
  private ServerProcess north;
  private ServerProcess south;
  private ChatPage ada;
  private ChatPage bob;

  @BeforeEach
  void start() throws Exception {
    int redisPort = FreePort.find();
    RedisServer redis =
        RedisServer.newRedisServer()
            .port(redisPort)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    redis.start();
    parts.add(redis::stop);
    pages = part(new Balancer());
    sockets = part(new Balancer());
    String database = TestServer.freshDatabase();
    north = part(node(database, redisPort));
    south = part(node(database, redisPort));
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.add(0, part);
    return part;
  }

  private ServerProcess node(String database, int redisPort) throws Exception {
    ServerProcess node =
        ServerProcess.start(
            folder,
            "--database-url=" + database,
            "--database-user=postgres",
            "--redis-url=redis://127.0.0.1:" + redisPort,
            "--origins=http://127.0.0.1:" + pages.port(),
            "--public-ws-url=ws://127.0.0.1:" + sockets.port() + "/v1/ws",
            "--files-dir=" + folder,
            "--messages-per-second=1000",
            "--calls-per-second-per-address=0");
    pages.add(node.httpPort());
    sockets.add(node.wsPort());
    return node;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
  }

  private void comeIn() {
    String url = "http://127.0.0.1:" + pages.port() + "/";
    ada = BROWSER.open(Screen.DESKTOP, url).signUp("ada");
    await("ada is in the north").until(() -> sockets.connectionsTo(north.wsPort()) == 1);
    bob = BROWSER.open(Screen.PHONE, url).signUp("bob");
    await("bob is in the south").until(() -> sockets.connectionsTo(south.wsPort()) == 1);
    ada.begin("bob");
    say(ada, "ada 0");
    bob.open("ada");
    bothSee();
  }

  private void say(ChatPage who, String text) {
    who.say(text);
    said.add(text);
  }

  private void bothSayUpTo(int first, int last) {
    for (int i = first; i <= last; i++) {
      say(ada, "ada " + i);
      say(bob, "bob " + i);
    }
  }

  /**
   * Both see the same: everything once, and what one has said in the order in which it was said.
   */
  private void bothSee() {
    ada.seesMessages(said.size());
    bob.seesMessages(said.size());
    List<String> shown = shownTo(ada);
    assertThat(shown).containsExactlyInAnyOrderElementsOf(said);
    assertThat(shown.stream().filter(text -> text.startsWith("ada")))
        .containsExactlyElementsOf(saidBy("ada"));
    assertThat(shown.stream().filter(text -> text.startsWith("bob")))
        .containsExactlyElementsOf(saidBy("bob"));
    assertThat(shownTo(bob)).isEqualTo(shown);
  }

  private List<String> saidBy(String name) {
    return said.stream().filter(text -> text.startsWith(name)).toList();
  }

  private static List<String> shownTo(ChatPage page) {
    return Stream.of(page.tab().run(SHOWN).asString().split(",")).toList();
  }

  @Test
  void whatIsWrittenWhileOnesNodeIsKilledArrivesOnceAndInOrderThroughTheOther() throws Exception {
    comeIn();
    bothSayUpTo(1, 5);
    bothSee();

    bothSayUpTo(6, 9); // some of this is under way when the node dies
    north.kill();
    bothSayUpTo(10, 12);
    ada.sees(".banner", "Connecting");
    bothSayUpTo(13, 16);
    ada.tab().until("document.querySelectorAll('.message.pending').length >= 7");
    bob.tab().until(count(".message.own", 16) + " && " + count(".message.pending", 0));
    assertThat(bob.tab().run(exists(".banner")).isNull()).as("bob's node lives").isTrue();
    ada.show("killed-node");
    bob.show("killed-node");

    pages.leaveOut(north.httpPort());
    sockets.leaveOut(north.wsPort());
    ada.isIn(); // the banner is gone
    bothSee();
    bothSayUpTo(17, 18);
    bothSee();
    ada.tab().reload();
    bob.tab().reload();
    bothSee();
  }
}
