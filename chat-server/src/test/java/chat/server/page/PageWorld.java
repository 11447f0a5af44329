package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.nodes.TwoNodes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two nodes behind a balancer for the tests of a class, and people for each test, on the page or at
 * the protocol. Each connection goes to the node that has fewer, so two people sit on two nodes.
 */
final class PageWorld
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private final SharedBrowser browser = new SharedBrowser();
  private final String[] flags;
  private final List<Runnable> leaving = new ArrayList<>(); // how those at the protocol do
  private TwoNodes nodes;
  private int tests;

  PageWorld(String... flags) {
    this.flags = flags;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    browser.beforeAll(context);
    nodes = TwoNodes.start(flags);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    tests++;
  }

  /** All of them leave, so that the nodes are even again. */
  @Override
  public void afterEach(ExtensionContext context) {
    leaving.forEach(Runnable::run);
    leaving.clear();
    browser.afterEach(context);
    await("everybody has left").until(() -> nodes.connections().equals(List.of(0L, 0L)));
  }

  @Override
  public void afterAll(ExtensionContext context) throws Exception {
    if (nodes != null) {
      nodes.close();
    }
  }

  /** One of the nodes. */
  ChatServer server() {
    return nodes.first();
  }

  TwoNodes nodes() {
    return nodes;
  }

  String url() {
    return nodes.url();
  }

  /** How somebody is called in this test. */
  String name(String person) {
    return person + tests;
  }

  /** Somebody at the protocol, who is not connected. */
  ChatClient registered(String person) throws Exception {
    return new ChatClient(nodes.httpPort(), nodes.wsPort()).register(name(person));
  }

  /** Another device of somebody who is registered, which is not connected. */
  ChatClient elsewhere(String person) throws Exception {
    ChatClient client = new ChatClient(nodes.httpPort(), nodes.wsPort());
    client.logIn(name(person) + "@example.org", "correct horse");
    return client;
  }

  /** Somebody at the protocol, connected. */
  ChatClient atProtocol(String person) throws Exception {
    ChatClient client = registered(person);
    client.connect();
    leaving.add(client::abort);
    return client;
  }

  /** Somebody who is registered, on the page. */
  ChatPage onPage(Screen screen, String person) throws Exception {
    registered(person);
    return atTheDoor(screen).signIn(name(person));
  }

  /** The page before anybody has signed in. */
  ChatPage atTheDoor(Screen screen) {
    return browser.open(screen, url());
  }

  /** The page before it is fetched. */
  ChatPage blank(Screen screen) {
    return browser.blank(screen);
  }

  /** What the consoles of the pages show in red. */
  Iterable<String> errors() {
    return browser.errors();
  }

  void befriend(ChatClient client, String person) throws Exception {
    client.call(
        "POST", "/v1/contact/add", JsonObjects.object().put("friend_username", name(person)));
  }

  /** Says something to somebody who is a contact; the answer has the conversation and the seq. */
  ObjectNode say(ChatClient client, String person, String text) throws Exception {
    ObjectNode reply = client.send(name(person), "c" + System.nanoTime(), text);
    assertThat(reply.get("type").asString()).isEqualTo("ok");
    return reply;
  }

  /** Somebody who writes fast, to somebody who is a contact. */
  Flood flood(ChatClient client, String person) throws Exception {
    Flood flood = new Flood(nodes.wsPort(), client, name(person));
    leaving.add(flood::close);
    return flood;
  }

  /** Asks for something that is granted. */
  static ObjectNode ask(ChatClient client, String type, ObjectNode fields) throws Exception {
    ObjectNode reply = client.ask(fields.put("type", type));
    assertThat(reply.get("type").asString()).as(reply.toString()).isEqualTo("ok");
    return reply;
  }
}
