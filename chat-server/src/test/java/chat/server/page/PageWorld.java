package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.TestServer;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tools.jackson.databind.node.ObjectNode;

/** A server for the tests of a class, and people for each test, on the page or at the protocol. */
final class PageWorld
    implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
  private final SharedBrowser browser = new SharedBrowser();
  private final String[] flags;
  private ChatServer server;
  private int tests;

  PageWorld(String... flags) {
    this.flags = flags;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    browser.beforeAll(context);
    server = TestServer.start(flags);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    tests++;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    browser.afterEach(context);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (server != null) {
      server.close();
    }
  }

  ChatServer server() {
    return server;
  }

  String url() {
    return "http://127.0.0.1:" + server.httpPort() + "/";
  }

  /** How somebody is called in this test. */
  String name(String person) {
    return person + tests;
  }

  /** Somebody at the protocol, connected. */
  ChatClient atProtocol(String person) throws Exception {
    ChatClient client = ChatClient.registered(server, name(person));
    client.connect();
    return client;
  }

  /** Somebody who is registered, on the page. */
  ChatPage onPage(Screen screen, String person) throws Exception {
    ChatClient.registered(server, name(person));
    return browser.open(screen, url()).signIn(name(person));
  }

  /** The page before it is fetched. */
  ChatPage blank(Screen screen) {
    return browser.blank(screen);
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

  /** Asks for something that is granted. */
  static ObjectNode ask(ChatClient client, String type, ObjectNode fields) throws Exception {
    ObjectNode reply = client.ask(fields.put("type", type));
    assertThat(reply.get("type").asString()).as(reply.toString()).isEqualTo("ok");
    return reply;
  }
}
