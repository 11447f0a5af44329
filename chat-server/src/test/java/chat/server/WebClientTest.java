package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** chat-client.js without the page, in a real browser. Skipped where there is no Chromium. */
@Tag("thorough")
@Timeout(180)
final class WebClientTest {
  private static final int GROUPS = 300;

  /**
   * Stands between the client and the network: {@code spoil} changes the replies of a path, {@code
   * away} lets nothing through until {@code comeBack()}, {@code answer} stands in for the server
   * with a sync.
   */
  private static final String SETUP =
      """
      (async () => {
        const { ChatClient } = await import("/chat-client.js");
        Object.assign(window, { ChatClient, spoil: {}, refreshes: [], syncs: [], heard: [], changes: [] });
        window.watched = (client) => {
          client.addEventListener("loggedout", () => window.loggedOut = true);
          client.addEventListener("message", ({ detail }) => window.heard.push(detail));
          for (const type of ["message_edited", "message_deleted", "reset"]) {
            client.addEventListener(type, ({ detail }) => window.changes.push({ ...detail, type }));
          }
          return client;
        };
        window.ada = watched(new ChatClient());
        const fetched = window.fetch;
        window.fetch = async (path, options) => {
          if (window.away) await new Promise((resolve) => window.comeBack = resolve);
          if (path === "/v1/auth/token") window.refreshes.push(JSON.parse(options.body).refresh_token);
          const response = await fetched(path, options);
          const reply = await response.json();
          window.spoil[path]?.(reply);
          return Response.json(reply, { status: response.status });
        };
        window.WebSocket = class extends WebSocket {
          constructor(address) {
            super(address);
            window.socket = this;
          }
          send(text) {
            const frame = JSON.parse(text);
            if (frame.type === "sync") {
              window.syncs.push({ bytes: new TextEncoder().encode(text).length, cursors: frame.cursors });
              if (window.answer) {
                const conversations = [window.answer];
                this.onmessage({ data: JSON.stringify({ type: "ok", id: frame.id, conversations }) });
                return;
              }
            }
            super.send(text);
          }
        };
      })()""";

  @TempDir private static Path profile;
  private static Browser browser;
  private ChatServer server;
  private Browser.Tab tab;

  @BeforeAll
  static void startBrowser() throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    browser = Browser.start(chromium.get(), profile);
  }

  @BeforeEach
  void open() throws Exception {
    server = TestServer.start("--max-text-bytes=16", "--messages-per-second=100");
    ChatClient.registered(server, "ada");
    tab = browser.open("http://127.0.0.1:" + server.httpPort() + "/");
    tab.run(SETUP);
  }

  @AfterAll
  static void closeBrowser() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @AfterEach
  void close() {
    server.close();
  }

  private void logIn() {
    tab.run("ada.logIn('ada@example.org', 'correct horse').then(() => true)");
  }

  private void connect() {
    tab.run("ada.connect().then(() => true)");
  }

  private int refreshes() {
    return tab.run("refreshes.length").asInt();
  }

  @Test
  void anAccessTokenThatEndedIsRenewedWhateverTheClockSays() {
    tab.run("spoil['/v1/auth/login'] = (reply) => reply.access_token += 'x'; 0");
    logIn();
    connect();
    assertThat(refreshes()).isOne();
  }

  @Test
  void aTicketThatIsRefusedIsTriedAgainOnceWithNewTokens() {
    tab.run(
        """
        window.tickets = 0;
        spoil['/v1/auth/otp'] = (reply) => { if (tickets++ === 0) reply.otp = 'spoilt'; };
        0""");
    logIn();
    connect();
    assertThat(refreshes()).isOne();

    tab.run("spoil['/v1/auth/otp'] = (reply) => reply.otp = 'spoilt'; socket.close(); 0");
    tab.until("window.loggedOut");
    assertThat(refreshes()).isEqualTo(2);
    assertThat(tab.run("sessionStorage.getItem('chat-session') === null").asBoolean()).isTrue();
  }

  @Test
  void aLoginThatEndedElsewhereIsReportedAndForgotten() {
    logIn();
    connect();
    tab.run(
        """
        fetch('/v1/auth/logout', {
          method: 'DELETE',
          headers: { 'Content-Type': 'application/json' },
          body: sessionStorage.getItem('chat-session'),
        }).then(() => true)""");
    tab.until("window.loggedOut");
    assertThat(refreshes()).isOne();
    assertThat(tab.run("sessionStorage.getItem('chat-session') === null").asBoolean()).isTrue();
  }

  @Test
  void aDuplicatedTabSharesTheTokens() {
    logIn();
    connect();
    String before = tab.run("sessionStorage.getItem('chat-session')").asString();
    tab.run("window.copy = watched(new ChatClient()); copy.resume().then(() => copy.connect())");
    String after = tab.run("sessionStorage.getItem('chat-session')").asString();

    tab.run("spoil['/v1/auth/otp'] = (reply) => { reply.otp = 'x'; spoil = {}; }; 0");
    tab.run("ada.close(); ada.connect().then(() => true)");
    assertThat(tab.run("refreshes"))
        .extracting(JsonNode::asString)
        .containsExactly(refreshToken(before), refreshToken(after));
  }

  private static String refreshToken(String session) {
    return JsonObjects.parse(session).get("refresh_token").asString();
  }

  @Test
  void withoutALoginConnectFailsAtOnce() {
    assertThat(outcome("new ChatClient().connect()")).isEqualTo("unauthorized");
    assertThat(outcome("ada.send({ to: 'bob', text: 'hello' })")).isEqualTo("closed");
  }

  private String outcome(String promise) {
    return tab.run(promise + ".then(() => 'done', ({ code }) => code)").asString();
  }

  @Test
  void threeHundredSendsInARowAreStoredInOrder() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    logIn();
    connect();
    JsonNode seqs =
        tab.run(
            """
            Promise.all(Array.from({ length: 300 }, (_, i) => ada.send({ to: 'bob', text: `${i}` })))
                .then((replies) => replies.map(({ seq }) => seq))""");
    assertThat(seqs)
        .extracting(JsonNode::asInt)
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 300).boxed().toList());
    tab.until("heard.length === 300");
    assertThat(tab.run("heard.every(({ text }, i) => text === `${i}`)").asBoolean()).isTrue();
  }

  @Test
  void aTextThatIsTooLongFailsByItself() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    logIn();
    connect();
    tab.run(
        "window.long = ada.send({ to: 'bob', text: 'x'.repeat(20_000) })"
            + ".catch(({ message }) => message); 0");
    assertThat(outcome("ada.send({ to: 'bob', text: 'short' })")).isEqualTo("done");
    assertThat(tab.run("long").asString())
        .isEqualTo("the text has 20000 bytes; at most 16 are allowed");
    assertThat(tab.run("ada.online").asBoolean()).isTrue();
  }

  @Test
  void whatChangedElsewhereIsTakenOverWithoutAMessage() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    String group = group(bob, "hikers");
    bob.connect();
    write(bob, group, "hello");
    logIn();
    connect();
    assertThat(tab.run("ada.conversations[0].unread").asInt()).isOne();
    tab.run("ada.read('" + group + "', 1).then(() => true)");
    tab.run(
        """
        window.answer = { ...ada.conversations[0], name: 'climbers', role: 'owner', rev: 7,
            read_seq: 0, unread: 1, has_more: false, last_message: undefined };
        socket.onmessage({ data: JSON.stringify({ type: 'resync' }) });
        0""");
    tab.until("ada.conversations[0].name === 'climbers'");
    assertThat(tab.run("syncs.at(-1).cursors['" + group + "'].read_seq").asInt()).isOne();
    JsonNode state = tab.run("ada.conversations[0]");
    assertThat(state.get("role").asString()).isEqualTo("owner");
    assertThat(state.get("read_seq").asInt()).isZero();
    assertThat(state.get("unread").asInt()).isOne();
    assertThat(state.get("last_message").get("text").asString()).isEqualTo("hello");

    changed(group, "climbers", 8);
    assertThat(sent(group)).hasToString("{\"seq\":1,\"rev\":8,\"read_seq\":0,\"preferences\":0}");
    changed(group, "walkers", 11); // the answer said 9: it asks for what is missing, from there
    assertThat(tab.run("syncs.at(-1).cursors['" + group + "'].rev").asInt()).isEqualTo(9);
  }

  private void changed(String group, String name, int rev) {
    tab.run(
        """
        window.answer.rev = %3$d;
        socket.onmessage({ data: JSON.stringify({ type: 'conversation', conversation_id: '%1$s',
            kind: 'group', name: '%2$s', change: { kind: 'renamed', rev: %3$d, at_seq: 1, by: 'bob' } }) });
        0"""
            .formatted(group, name, rev));
  }

  /** The cursor that the client sends now; the answer to it has rev 9. */
  private JsonNode sent(String group) {
    tab.run("answer.rev = 9; socket.onmessage({ data: JSON.stringify({ type: 'resync' }) }); 0");
    return tab.run("syncs.at(-1).cursors['" + group + "']");
  }

  @Test
  void changesOfMessagesAreToldLiveAndWhenItComesBack() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    String group = group(bob, "hikers");
    bob.connect();
    logIn();
    connect();
    for (String text : List.of("one", "two", "three")) {
      write(bob, group, text);
    }
    assertThat(tab.run("ada.send({ conversation_id: '" + group + "', text: 'four' })").get("seq"))
        .hasToString("4");
    tab.until("heard.length === 4");
    JsonNode reply =
        tab.run("ada.edit({ conversation_id: '" + group + "', seq: 4, text: 'FOUR' })");
    assertThat(reply.get("seq").asInt()).isEqualTo(4);
    assertThat(reply.has("edited_at")).isTrue();
    assertThat(bob.next("message_edited").get("text").asString()).isEqualTo("FOUR");
    change(bob, "edit", group, 1, "ONE");
    tab.until("changes.length === 2");
    assertThat(tab.run("changes.map(({ type, text }) => `${type} ${text}`).join()").asString())
        .isEqualTo("message_edited FOUR,message_edited ONE");
    assertThat(tab.run("ada.conversations[0].last_message.text").asString()).isEqualTo("FOUR");

    tab.run("away = true; socket.close(); 0");
    change(bob, "edit", group, 2, "TWO");
    change(bob, "delete", group, 1, null);
    change(bob, "edit", group, 2, "two again");
    write(bob, group, "five");
    change(bob, "edit", group, 5, "FIVE");
    tab.until("window.comeBack");
    tab.run("window.seen = changes.length; away = false; comeBack()");
    tab.until("changes.length === seen + 2");
    assertThat(tab.run("heard.at(-1).text").asString()).isEqualTo("FIVE");
    assertThat(
            tab.run("changes.slice(seen).map(({ type, text }) => `${type} ${text}`).join()")
                .asString())
        .isEqualTo("message_deleted ,message_edited two again");

    tab.run("window.before = syncs.length; window.frames = []; 0");
    tab.run(
        """
        const listener = socket.onmessage;
        socket.onmessage = (event) => { frames.push(JSON.parse(event.data)); listener(event); };
        listener({ data: JSON.stringify({ type: 'resync' }) });
        0""");
    tab.until("frames.length > 0");
    assertThat(tab.run("frames[0].conversations")).isEmpty(); // nothing is new
    assertThat(browser.exceptions()).isEmpty();
  }

  @Test
  void moreChangesThanAnAnswerHoldsMakeTheConversationVoid() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    String group = group(bob, "hikers");
    bob.connect();
    for (int i = 1; i <= 101; i++) {
      write(bob, group, "text " + i);
    }
    logIn();
    connect();
    tab.run("away = true; socket.close(); 0");
    for (int i = 1; i <= 101; i++) {
      change(bob, "edit", group, i, "TEXT " + i);
    }
    tab.until("window.comeBack");
    tab.run("away = false; comeBack()");
    tab.until("ada.online");
    assertThat(tab.run("changes.map(({ type, conversation_id }) => `${type} ${conversation_id}`)"))
        .extracting(JsonNode::asString)
        .containsExactly("reset " + group);
    assertThat(tab.run("ada.conversations[0].last_message.text").asString()).isEqualTo("TEXT 101");
  }

  private static void change(ChatClient bob, String verb, String group, int seq, String text)
      throws Exception {
    ObjectNode request =
        JsonObjects.object().put("type", verb).put("conversation_id", group).put("seq", seq);
    if (text != null) {
      request.put("text", text);
    }
    assertThat(bob.ask(request).get("type").asString()).isEqualTo("ok");
  }

  @Test
  void manyConversationsAreCaughtUpThoughTheirCursorsFitIntoNoFrame() throws Exception {
    ChatClient bob = ChatClient.registered(server, "bob");
    befriend(bob);
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < GROUPS; i++) {
      groups.add(group(bob, "group " + i));
    }
    bob.connect();
    write(bob, groups.get(0), "first");
    write(bob, groups.get(1), "first");
    logIn();
    connect();
    assertThat(tab.run("ada.conversations.length").asInt()).isEqualTo(GROUPS);
    write(bob, groups.get(7), "live");
    tab.until("heard.length === 1");

    tab.run("away = true; socket.close(); 0");
    for (int i = 0; i < GROUPS; i++) {
      write(bob, groups.get(i), "missed");
    }
    tab.until("window.comeBack");
    tab.run("away = false; comeBack()");
    tab.until("heard.length === 1 + " + GROUPS);
    JsonNode sync = tab.run("syncs.at(-1)");
    assertThat(sync.get("bytes").asInt()).isBetween(8000, 8192 + 6 * 16);
    assertThat(sync.get("cursors").size()).isBetween(100, GROUPS - 100);
    assertThat(tab.run("new Set(heard.map(({ conversation_id }) => conversation_id)).size").asInt())
        .isEqualTo(GROUPS);
    assertThat(
            tab.run("ada.conversations.every(({ last_message }) => last_message.text === 'missed')")
                .asBoolean())
        .isTrue();
    assertThat(sync.get("cursors").propertyNames())
        .contains(groups.get(0), groups.get(1), groups.get(7)); // the latest first
    assertThat(browser.exceptions()).isEmpty();
  }

  private static void befriend(ChatClient bob) throws Exception {
    bob.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
  }

  private static String group(ChatClient bob, String name) throws Exception {
    ObjectNode group = JsonObjects.object().put("name", name);
    group.putArray("members").add("ada");
    return bob.call("POST", "/v1/groups", group).body().get("conversation_id").asString();
  }

  private static void write(ChatClient bob, String group, String text) throws Exception {
    ObjectNode ack =
        bob.ask(
            JsonObjects.object()
                .put("type", "send")
                .put("conversation_id", group)
                .put("client_message_id", text)
                .put("text", text));
    assertThat(ack.get("type").asString()).isEqualTo("ok");
  }
}
