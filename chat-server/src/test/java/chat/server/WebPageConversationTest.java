package chat.server;

import static chat.server.ChatPage.CONNECTED;
import static chat.server.ChatPage.FIELD;
import static chat.server.ChatPage.SHOWN;
import static chat.server.ChatPage.choose;
import static chat.server.ChatPage.count;
import static chat.server.ChatPage.signIn;
import static chat.server.ChatPage.submit;
import static chat.server.ChatPage.text;
import static chat.server.ChatPage.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.nio.file.Path;
import java.util.Optional;
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

/**
 * What one sees of a conversation on the web page, and how one writes, in a real browser. Each test
 * has its own people: Ada on the page, Bob and Carol at the protocol. Skipped where there is no
 * Chromium.
 */
@Tag("thorough")
@Timeout(180)
final class WebPageConversationTest {
  private static final String LIST = "document.getElementById('messages')";
  private static final String AT_BOTTOM =
      "%1$s.scrollHeight - %1$s.scrollTop - %1$s.clientHeight < 5".formatted(LIST);

  @TempDir private static Path profile;
  private static ChatServer server;
  private static Browser browser;
  private static String url;
  private static int tests;

  private String adasName;
  private String bobsName;
  private String carolsName;
  private ChatClient bob;
  private ChatClient carol;
  private Browser.Tab ada;

  @BeforeAll
  static void start() throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    server = TestServer.start("--max-text-bytes=2000", "--messages-per-second=1000");
    browser = Browser.start(chromium.get(), profile);
    url = "http://127.0.0.1:" + server.httpPort() + "/";
  }

  @AfterAll
  static void stop() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void comeIn() throws Exception {
    int number = ++tests;
    adasName = "ada" + number;
    bobsName = "bob" + number;
    carolsName = "carol" + number;
    ChatClient.registered(server, adasName);
    bob = ChatClient.registered(server, bobsName);
    carol = ChatClient.registered(server, carolsName);
    bob.connect();
    carol.connect();
    befriend(bob);
    befriend(carol);
    ada = browser.open(url);
    ada.run(signIn(adasName));
    ada.until(CONNECTED);
    ada.until(count("#talks button", 2));
  }

  @AfterEach
  void nothingIsThrownAtNobody() {
    assertThat(browser.exceptions()).isEmpty();
  }

  private void befriend(ChatClient friend) throws Exception {
    friend.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", adasName));
  }

  private String say(ChatClient friend, String text) throws Exception {
    ObjectNode reply = friend.send(adasName, "c" + System.nanoTime(), text);
    assertThat(reply.get("type").asString()).isEqualTo("ok");
    return reply.get("conversation_id").asString();
  }

  private void type(String text) {
    ada.run(FIELD + ".focus()");
    ada.insert(text);
  }

  private void draftIs(String expected) {
    assertThat(ada.run(FIELD + ".value").asString()).isEqualTo(expected);
  }

  // ---- drafts

  @Test
  void eachConversationHasItsDraftWhichOutlivesAReload() throws Exception {
    say(bob, "hello");
    ada.run(choose(bobsName));
    type("for bob");
    ada.run(choose(carolsName)); // nobody has written to her yet
    draftIs("");
    type("for carol");
    ada.run(choose(bobsName));
    draftIs("for bob");
    ada.run(choose(carolsName));
    draftIs("for carol");

    ada.reload();
    ada.until(CONNECTED);
    ada.until(count("#talks button", 2));
    ada.run(choose(bobsName));
    draftIs("for bob");
    ada.pressEnter();
    ada.until(count("#messages li:not(.pending)", 2));
    say(carol, "I was first"); // their conversation begins
    ada.run(choose(carolsName));
    ada.until(count("#messages li", 1));
    draftIs("for carol");
    ada.run(choose(bobsName));
    draftIs("");
  }

  @Test
  void aDraftStaysWhenTheOpenConversationBegins() throws Exception {
    ada.run(choose(bobsName));
    type("half a sen");
    say(bob, "hello");
    ada.until(count("#messages li", 1));
    draftIs("half a sen");
    type("tence");
    ada.run(choose(carolsName));
    ada.run(choose(bobsName));
    draftIs("half a sentence");
  }

  @Test
  void aTextThatIsTooLongComesBackAsDraftAndHoldsUpNothing() {
    ada.run(choose(bobsName));
    ada.run(write("x".repeat(2001)));
    ada.until("document.getElementById('error').textContent.includes('at most 2000')");
    draftIs("x".repeat(2001));
    ada.until(count("#messages li", 0));
    ada.reload();
    ada.until(CONNECTED);
    ada.until(count("#talks button", 2));
    ada.run(choose(bobsName));
    draftIs("x".repeat(2001));
    ada.run(write("shorter"));
    ada.until(count("#messages li:not(.pending)", 1));
  }

  @Test
  void signingOutForgetsWhatWasWritten() {
    ada.run(choose(bobsName));
    type("a secret");
    assertThat(ada.run("JSON.stringify(localStorage)").asString()).contains("a secret");
    ada.run("document.getElementById('out').click()");
    ada.until("document.getElementById('door')?.hidden === false");
    ada.until("!JSON.stringify(localStorage).includes('a secret')");
  }

  // ---- reading

  @Test
  void whoReadsHistoryStaysThereAndLearnsThatThereIsSomethingNew() throws Exception {
    for (int i = 1; i <= 120; i++) {
      say(bob, "message " + i);
    }
    String conversation = say(bob, "the last one");
    ada.run(choose(bobsName));
    ada.until(count("#messages li:not(.note)", 50));
    ada.until(AT_BOTTOM);
    ada.until("!document.querySelector('#talks .badge')");

    ada.run("document.querySelector('#messages li.note button').click()");
    ada.until(count("#messages li:not(.note)", 100));
    ada.run(LIST + ".scrollTop = 300");
    say(bob, "one more");
    say(bob, "and another");
    ada.until(count("#messages li:not(.note)", 102));
    assertThat(ada.run(LIST + ".scrollTop").asInt()).isEqualTo(300);
    assertThat(ada.run(text("news")).asString()).contains("2 new messages");
    assertThat(ada.run("document.querySelector('#talks .badge').textContent").asString())
        .isEqualTo("2"); // they are not read yet
    assertThat(readSeq(conversation)).isEqualTo(121);

    ada.run("document.getElementById('news').click()");
    ada.until(AT_BOTTOM);
    ada.until("document.getElementById('news').hidden");
    ada.until("!document.querySelector('#talks .badge')");
    say(bob, "now she reads along");
    ada.until(count("#messages li:not(.note)", 103));
    ada.until(AT_BOTTOM);
  }

  private int readSeq(String conversation) throws Exception {
    ObjectNode members =
        bob.ask(JsonObjects.object().put("type", "members").put("conversation_id", conversation));
    for (var member : members.get("members")) {
      if (member.get("username").asString().equals(adasName)) {
        return member.get("read_seq").asInt();
      }
    }
    throw new AssertionError("not a member: " + members);
  }

  @Test
  void earlierMessagesDoNotMoveWhatIsOnTheScreen() throws Exception {
    for (int i = 1; i <= 80; i++) {
      say(bob, "message " + i);
    }
    ada.run(choose(bobsName));
    ada.until(count("#messages li:not(.note)", 50));
    ada.run(LIST + ".scrollTop = 0");
    String top =
        "Math.round(document.querySelector('li[data-seq=\"31\"]').getBoundingClientRect().top)";
    int before = ada.run(top).asInt();
    int note = ada.run("document.querySelector('li.note').offsetHeight").asInt();
    ada.run("document.querySelector('#messages li.note button').click()");
    ada.until(count("#messages li:not(.note)", 80));
    assertThat(ada.run(top).asInt()).isBetween(before - note, before + note);
  }

  // ---- writing

  @Test
  void linesStayLines() throws Exception {
    ada.run(choose(bobsName));
    type("for (;;) {\n  wait();\n}");
    ada.pressShiftEnter();
    type("That is all.");
    String written = "for (;;) {\n  wait();\n}\nThat is all.";
    draftIs(written);
    assertThat(ada.run(FIELD + ".offsetHeight > 80").asBoolean()).isTrue(); // it grows
    ada.pressEnter();
    assertThat(bob.next("message").get("text").asString()).isEqualTo(written);
    ada.until(count("#messages li:not(.pending)", 1));
    assertThat(ada.run(SHOWN).asString()).isEqualTo(written);
    assertThat(
            ada.run("getComputedStyle(document.querySelector('#messages li')).whiteSpace")
                .asString())
        .isIn("pre-wrap", "break-spaces");
    draftIs("");

    ada.pressEnter();
    type(" ");
    ada.pressEnter(); // nothing to send
    type("next");
    ada.pressEnter();
    assertThat(bob.next("message").get("text").asString().strip()).isEqualTo("next");
  }

  // ---- edits and deletions

  @Test
  void whatOthersEditAndDeleteIsShownAsItIsNow() throws Exception {
    String conversation = say(bob, "a secrte");
    say(bob, "and more");
    ada.run(choose(bobsName));
    ada.until(count("#messages li", 2));
    bob.ask(change("edit", conversation, 1).put("text", "a <b>secret</b>"));
    ada.until(count("#messages .edited", 1));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("a <b>secret</b>,and more");
    assertThat(ada.run(count("#messages .actions", 0)).asBoolean()).isTrue();
    bob.ask(change("delete", conversation, 2));
    ada.until(count("#messages em", 1));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("a <b>secret</b>,deleted");
    assertThat(ada.run(text("talks")).asString()).contains("deleted").doesNotContain("and more");

    bob.ask(change("edit", conversation, 1).put("text", "no secret"));
    ada.reload();
    ada.until(CONNECTED);
    ada.until(count("#talks button", 2));
    ada.run(choose(bobsName));
    ada.until(count("#messages li", 2));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("no secret,deleted");
    assertThat(ada.run(count("#messages .edited", 1)).asBoolean()).isTrue();
  }

  private static ObjectNode change(String verb, String conversation, int seq) {
    return JsonObjects.object()
        .put("type", verb)
        .put("conversation_id", conversation)
        .put("seq", seq);
  }

  // ---- replies and mentions

  @Test
  void aReplyShowsWhatItAnswersAsItIsNow() throws Exception {
    String conversation = say(bob, "a <b>question</b>");
    ada.run(choose(bobsName));
    ada.until(count("#messages .reply", 1));
    ada.run("document.querySelector('#messages .reply').click()");
    assertThat(ada.run(text("answering")).asString()).contains(bobsName + ": a <b>question</b>");
    ada.insert("an answer");
    ada.pressEnter();
    ada.until(count("#messages .quote", 1));
    ada.until(count("#messages .pending", 0));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("a <b>question</b>,an answer");
    assertThat(ada.run(QUOTE).asString()).isEqualTo(bobsName + "a <b>question</b>");
    assertThat(ada.run("document.getElementById('answering').hidden").asBoolean()).isTrue();
    ObjectNode answer = bob.next("message");
    assertThat(answer.get("reply_to").asInt()).isOne();
    assertThat(answer.at("/reply_preview/text").asString()).isEqualTo("a <b>question</b>");

    bob.ask(change("edit", conversation, 1).put("text", "another"));
    ada.until(QUOTE + " === '" + bobsName + "another'");
    bob.ask(change("delete", conversation, 1));
    ada.until(QUOTE + " === '" + bobsName + "deleted'");
    ada.reload();
    ada.until(CONNECTED);
    ada.until(count("#talks button", 2));
    ada.run(choose(bobsName));
    ada.until(count("#messages .quote", 1));
    assertThat(ada.run(QUOTE).asString()).isEqualTo(bobsName + "deleted");
  }

  private static final String QUOTE = "document.querySelector('#messages .quote').textContent";

  @Test
  void whoIsNamedIsMentionedAndSeesThat() throws Exception {
    ada.run(choose(bobsName));
    ada.run(write("@%s, @%sx, @nobody".formatted(bobsName, bobsName)));
    JsonNode mentions = bob.next("message").get("mentions");
    assertThat(mentions).hasSize(1);
    assertThat(mentions.get(0).asString()).isEqualTo(bobsName);
    ada.run(choose(carolsName));
    ObjectNode send = JsonObjects.object().put("type", "send").put("to", adasName);
    send.put("client_message_id", "m").put("text", "you").putArray("mentions").add(adasName);
    bob.ask(send);
    ada.until("document.querySelector('.badge')?.textContent === '@ 1'");
    ada.run(choose(bobsName));
    ada.until(count("#messages .mentioned", 1));
    ada.until(count(".badge", 0));
  }

  @Test
  void ownMessagesAreEditedWithTheKeyboard() throws Exception {
    say(bob, "hello");
    ada.run(choose(bobsName));
    ada.run(write("helo"));
    ada.until(count("#messages .actions", 1));
    ada.run(action("Edit") + ".focus()");
    assertThat(ada.run("getComputedStyle(document.querySelector('.actions')).opacity").asString())
        .isEqualTo("1");
    ada.pressEnter();
    ada.insert("x".repeat(2000)); // behind what is there
    ada.pressEnter();
    ada.until("document.getElementById('error').textContent.includes('at most 2000')");
    assertThat(ada.run(EDITED + ".value.length").asInt()).isEqualTo(2004); // nothing is lost
    ada.run(EDITED + ".value = 'hello, '");
    ada.insert("you");
    ada.pressEnter();
    ada.until(count("#messages .edited", 1));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("hello,hello, you");
    assertThat(ada.run("document.activeElement.textContent").asString()).isEqualTo("Edit");
    assertThat(bob.next("message_edited").get("text").asString()).isEqualTo("hello, you");
    assertThat(ada.run(text("error")).asString()).isEmpty();
  }

  private static final String EDITED = "document.querySelector('#messages textarea')";

  private static String action(String name) {
    return "[...document.querySelectorAll('.actions button')]"
        + ".find(({ textContent }) => textContent === '%s')".formatted(name);
  }

  @Test
  void ownMessagesAreDeletedAfterAQuestion() throws Exception {
    ada.run(choose(bobsName));
    ada.run(write("not for you"));
    ada.until(count("#messages .actions", 1));
    ada.run(action("Delete") + ".focus()");
    ada.pressEnter();
    ada.run(action("Really delete?") + ".blur()");
    ada.run(action("Delete") + ".focus()");
    ada.pressEnter();
    assertThat(ada.run(SHOWN).asString()).isEqualTo("not for you");
    ada.pressEnter();
    ada.until(count("#messages em", 1));
    assertThat(ada.run(SHOWN).asString()).isEqualTo("deleted");
    assertThat(ada.run(count("#messages .actions", 0)).asBoolean()).isTrue();
    assertThat(bob.next("message_deleted").get("text").asString()).isEmpty();
  }

  @Test
  void whatIsTypedIntoAMessageStaysWhenItChangesMeanwhile() throws Exception {
    String conversation = say(bob, "hello");
    ada.run(choose(bobsName));
    ada.run(write("first"));
    ada.until(count("#messages .actions", 1));
    ada.run(action("Edit") + ".click()");
    ada.insert(" and last");
    ChatClient adasPhone = new ChatClient(server);
    adasPhone.logIn(adasName + "@example.org", "correct horse");
    adasPhone.connect();
    adasPhone.ask(change("edit", conversation, 2).put("text", "on the phone"));
    bob.next("message_edited");
    bob.ask(change("edit", conversation, 1).put("text", "behind it"));
    ada.until(count("#messages .edited", 1));
    assertThat(ada.run(EDITED + ".value").asString()).isEqualTo("first and last");
    ada.run("[...document.querySelectorAll('#messages form button')].at(-1).click()"); // cancel
    assertThat(ada.run(SHOWN).asString()).isEqualTo("behind it,on the phone");
  }

  @Test
  void moreChangesThanItCanBeToldLeaveNoOldTextOnThePage() throws Exception {
    String conversation = say(bob, "old 1");
    for (int i = 2; i <= 110; i++) {
      say(bob, "old " + i);
    }
    ada.run(choose(bobsName));
    ada.until(count("#messages li:not(.note)", 50));
    ada.run("document.querySelector('#messages li.note button').click()");
    ada.until(count("#messages li:not(.note)", 100));
    ada.run(
        """
        window.sent = WebSocket.prototype.send;
        window.fetched = window.fetch;
        window.fetch = async (...request) => {
          await new Promise((resolve) => window.comeBack = resolve);
          return fetched(...request);
        };
        WebSocket.prototype.send = function () { this.close(); };
        0""");
    ada.run("window.dispatchEvent(new Event('offline'))"); // it looks after its connection
    ada.until("window.comeBack");
    for (int i = 1; i <= 110; i++) {
      bob.ask(change("edit", conversation, i).put("text", "new " + i));
    }
    ada.run("WebSocket.prototype.send = sent; 0");
    ada.run("window.fetch = fetched; comeBack(); 0");
    ada.until(SHOWN + ".includes('new 110')");
    ada.until("!" + SHOWN + ".includes('old')");
    ada.until(count("#messages li:not(.note)", 50));
  }

  // ---- what the page says

  @Test
  void anErrorAndWhoIsTypingDoNotEraseOneAnother() throws Exception {
    String conversation = say(bob, "hello");
    ada.run(choose(bobsName));
    ada.until(count("#messages li", 1));
    ObjectNode typing =
        JsonObjects.object()
            .put("type", "typing")
            .put("conversation_id", conversation)
            .put("on", true);
    bob.ask(typing);
    ada.until("document.getElementById('typing').textContent.includes('typing')");
    ada.run(submit("add", "who", "nobody-of-this-name"));
    ada.until("document.getElementById('error').textContent");
    assertThat(ada.run(text("typing")).asString()).contains(bobsName + " is typing");
    String error = ada.run(text("error")).asString();

    bob.ask(typing.put("on", false));
    ada.until("!document.getElementById('typing').textContent");
    assertThat(ada.run(text("error")).asString()).isEqualTo(error);
    ada.run(choose(carolsName)); // the next thing that she does
    ada.until("!document.getElementById('error').textContent");
  }

  // ---- people

  @Test
  void whoIsAddedByAnotherSeesThem() throws Exception {
    ChatClient dave = ChatClient.registered(server, "dave" + tests);
    dave.connect();
    befriend(dave);
    ada.until(count("#talks button", 3));
    assertThat(ada.run(text("talks")).asString()).contains(dave.username);
  }

  @Test
  void aNewTabNeedsNoSecondLogin() {
    Browser.Tab second = ada.beside(url);
    second.until(CONNECTED);
    assertThat(second.run(text("me")).asString()).isEqualTo(adasName);
  }

  @Test
  void whoIsSignedOutElsewhereLearnsIt() {
    ada.run(
        """
        fetch('/v1/auth/logout', {
          method: 'DELETE',
          headers: { 'Content-Type': 'application/json' },
          body: sessionStorage.getItem('chat-session'),
        }).then(() => true)""");
    ada.until("document.querySelector('#door .error')?.textContent.includes('signed out')");
    ada.run(signIn(adasName));
    ada.until(CONNECTED);
  }
}
