package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.SHOWN;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.TestServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
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

  /** What the browser keeps beside the texts. */
  private static final String KEPT =
      """
      new Promise((resolve) => {
        indexedDB.open("chat").onsuccess = ({ target: { result: database } }) => {
          const all = database.transaction("records").objectStore("records").getAll();
          all.onsuccess = () => resolve(JSON.stringify(all.result));
        };
      })""";

  @RegisterExtension static final SharedBrowser BROWSER = new SharedBrowser();

  private static ChatServer server;
  private static String url;
  private static int tests;

  private String adasName;
  private String bobsName;
  private String carolsName;
  private ChatClient bob;
  private ChatClient carol;
  private ChatPage ada;
  private Browser.Tab tab;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start("--max-text-bytes=2000", "--messages-per-second=1000");
    url = "http://127.0.0.1:" + server.httpPort() + "/";
  }

  @AfterAll
  static void stop() throws Exception {
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
    ada = BROWSER.open(Screen.DESKTOP, url).signIn(adasName);
    tab = ada.tab();
    tab.until(count(".item", 2));
  }

  private void befriend(ChatClient friend) throws Exception {
    friend.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", adasName));
  }

  private String say(ChatClient friend, String text) throws Exception {
    ObjectNode reply = friend.send(adasName, "c" + System.nanoTime(), text);
    assertThat(reply.get("type").asString()).isEqualTo("ok");
    return reply.get("conversation_id").asString();
  }

  private void draftIs(String expected) {
    tab.until(FIELD + "?.value === " + JsonObjects.object().stringNode(expected));
  }

  private static ObjectNode change(String verb, String conversation, int seq) {
    return JsonObjects.object()
        .put("type", verb)
        .put("conversation_id", conversation)
        .put("seq", seq);
  }

  // ---- writing

  @Test
  void eachConversationHasItsDraftWhichOutlivesAReload() throws Exception {
    say(bob, "hello");
    ada.open(bobsName);
    ada.type("for bob");
    ada.open(carolsName); // nobody has written to her yet
    draftIs("");
    ada.type("for carol");
    ada.open(bobsName);
    draftIs("for bob");
    tab.reload();
    ada.isIn();
    draftIs("for bob");
    tab.run(FIELD + ".focus()");
    tab.pressEnter();
    ada.seesMessages(2);
    draftIs("");
    say(carol, "I was first"); // their conversation begins
    ada.open(carolsName);
    ada.seesMessages(1);
    draftIs("for carol");
  }

  @Test
  void aTextThatIsTooLongStaysWithItsReasonAndHoldsUpNothing() {
    ada.open(bobsName);
    ada.say("x".repeat(2001));
    ada.sees(".failed .reason", "at most 2000");
    ada.say("shorter");
    ada.seesMessages(2); // with the one that failed
    tab.reload();
    ada.isIn();
    ada.sees(".failed .reason", "at most 2000");
    ada.clickText(".failed .link", "Edit");
    draftIs("x".repeat(2001));
    tab.until(count(".failed", 0));
  }

  @Test
  void linesStayLines() throws Exception {
    ada.open(bobsName);
    ada.type("for (;;) {\n  wait();\n}");
    tab.pressShiftEnter();
    ada.type("That is all.");
    String written = "for (;;) {\n  wait();\n}\nThat is all.";
    draftIs(written);
    assertThat(tab.run(FIELD + ".offsetHeight > 80").asBoolean()).isTrue(); // it grows
    tab.pressEnter();
    assertThat(bob.next("message").get("text").asString()).isEqualTo(written);
    ada.seesMessages(1);
    assertThat(tab.run(SHOWN).asString()).isEqualTo(written);
  }

  @Test
  void signingOutForgetsWhatWasWritten() throws Exception {
    say(bob, "whispered");
    ada.open(bobsName);
    ada.type("a secret");
    tab.until("JSON.stringify(localStorage).includes('a secret')");
    await().until(() -> tab.run(KEPT).asString(), kept -> kept.contains("whispered"));
    ada.click("#me");
    ada.click("#out");
    ada.clickText("dialog[data-name=confirm] .button", "Sign out");
    tab.until(exists("form[name=sign-in]"));
    tab.until("!JSON.stringify(localStorage).includes('a secret')");
    assertThat(tab.run(KEPT).asString()).isEqualTo("[]");
  }

  // ---- reading

  @Test
  void whoReadsHistoryStaysThereAndLearnsThatThereIsSomethingNew() throws Exception {
    for (int i = 1; i <= 150; i++) {
      say(bob, "message " + i);
    }
    ada.open(bobsName);
    ada.sees(".unread-line", "New messages"); // and not everything is read
    tab.until(exists(".item .badge"));
    ada.click("#to-end");
    tab.until(AT_BOTTOM);
    tab.until(SHOWN + ".endsWith('message 150')");
    tab.until("!document.querySelector('.item .badge')");

    tab.run(LIST + ".scrollTop = 1200");
    tab.until(exists("#to-end"));
    tab.run("window.row = document.elementFromPoint(700, 400).closest('.row'); 0");
    int top = tab.run("Math.round(row.getBoundingClientRect().top)").asInt();
    say(bob, "one more");
    ada.sees("#to-end", "1 new message");
    assertThat(tab.run("Math.round(row.getBoundingClientRect().top)").asInt()).isEqualTo(top);
    ada.click("#to-end");
    tab.until(AT_BOTTOM);
    tab.until("!document.querySelector('.item .badge')");
    say(bob, "now she reads along");
    tab.until(SHOWN + ".endsWith('now she reads along')");
    tab.until(AT_BOTTOM);
  }

  @Test
  void historyIsEndlessAndDoesNotJump() throws Exception {
    for (int i = 1; i <= 400; i++) {
      say(bob, "message " + i);
    }
    ada.open(bobsName);
    ada.click("#to-end");
    tab.until(SHOWN + ".endsWith('message 400')");
    for (int step = 0; step < 60; step++) {
      tab.run(LIST + ".scrollTop -= 500");
      assertThat(tab.run("document.querySelectorAll('.message').length").asInt()).isLessThan(300);
    }
    tab.until(
        """
        (() => {
          %s.scrollTop -= 500;
          return document.querySelector('[data-seq="1"]');
        })()"""
            .formatted(LIST));
  }

  // ---- edits, replies, reactions

  @Test
  void whatOthersEditAndDeleteIsShownAsItIsNow() throws Exception {
    String conversation = say(bob, "a secrte");
    say(bob, "and more");
    ada.open(bobsName);
    ada.seesMessages(2);
    bob.ask(change("edit", conversation, 1).put("text", "a <b>secret</b>"));
    tab.until(count(".edited", 1));
    bob.ask(change("delete", conversation, 2));
    tab.until(count(".gone", 1));
    String shown = "a <b>secret</b>,This message was deleted.";
    assertThat(tab.run(SHOWN).asString()).isEqualTo(shown);
    tab.reload();
    ada.isIn();
    tab.until(SHOWN + " === '" + shown + "'"); // what the browser has kept may be older
  }

  @Test
  void aReplyShowsWhatItAnswersAsItIsNow() throws Exception {
    String conversation = say(bob, "a question");
    ada.open(bobsName);
    ada.click(".message [aria-label=Reply]");
    ada.sees("#about", "a question");
    ada.say("an answer");
    ada.sees(".own .quote", "a question");
    ObjectNode answer = bob.next("message");
    assertThat(answer.get("reply_to").asInt()).isOne();
    bob.ask(change("edit", conversation, 1).put("text", "another"));
    ada.sees(".own .quote", "another");
  }

  @Test
  void ownMessagesAreEditedWithTheKeyboardAndDeletedAfterAQuestion() throws Exception {
    say(bob, "hello");
    ada.open(bobsName);
    ada.say("helo");
    ada.seesMessages(2);
    tab.run(FIELD + ".focus()");
    tab.pressArrowUp();
    ada.sees("#about", "Edit message");
    draftIs("helo");
    tab.insert(", you");
    tab.pressEnter();
    assertThat(bob.next("message_edited").get("text").asString()).isEqualTo("helo, you");
    tab.until(count(".edited", 1));
    ada.choose(".own", "Delete");
    ada.clickText("dialog[data-name=confirm] .button", "Delete");
    assertThat(bob.next("message_deleted").get("text").asString()).isEmpty();
    tab.until(count(".gone", 1));
  }

  @Test
  void whoIsNamedIsMentionedAndReactionsAreCounted() throws Exception {
    ada.open(bobsName);
    ada.say("@%s, @nobody".formatted(bobsName));
    ObjectNode message = bob.next("message");
    assertThat(message.get("mentions")).hasSize(1);
    bob.ask(
        change("react", message.get("conversation_id").asString(), 1)
            .put("emoji", "👍")
            .put("on", true));
    ada.sees(".reaction", "1");
    ada.click(".reaction");
    ada.sees(".reaction[aria-pressed=true]", "2");
  }

  // ---- the list, the door

  @Test
  void aConversationIsMutedArchivedAndComesBack() throws Exception {
    say(bob, "hello");
    ada.open(bobsName);
    ada.seesMessages(1);
    ada.click("[aria-label='Conversation actions']");
    ada.clickText(".menu-item", "Mute for good");
    ada.sees("#conversations .mark", "muted");
    ada.click("[aria-label='Conversation actions']");
    ada.clickText(".menu-item", "Archive");
    tab.until(count("#conversations .item", 0) + " && document.querySelector('.archive')");
    say(bob, "and again");
    tab.until(count("#conversations .item", 1));
  }

  @Test
  void wordsAreFoundAndShownWhereTheyStand() throws Exception {
    say(bob, "the needle");
    for (int i = 1; i <= 120; i++) {
      say(bob, "hay " + i);
    }
    await().until(() -> isIndexed("needle"));
    ada.open(bobsName);
    ada.click("[aria-label='Search in this conversation']");
    tab.until(exists("dialog[open] #query"));
    tab.run("document.getElementById('query').focus()");
    tab.insert("needle");
    ada.click(".hit");
    tab.until(exists("[data-seq='1'].flash"));
  }

  private boolean isIndexed(String word) throws Exception {
    ObjectNode search = JsonObjects.object().put("type", "search").put("query", word);
    return !bob.ask(search).get("messages").isEmpty();
  }

  @Test
  void theDoorSaysWhatIsWrong() {
    ChatPage stranger = BROWSER.open(Screen.DESKTOP, url);
    stranger.tryPassword(adasName, "wrong password");
    stranger.sees(".form-error", "The e-mail address or the password is wrong.");
    stranger.click("[data-to=forgotten]");
    stranger.sees("main", "The people who run this server");
  }

  @Test
  void whoIsSignedOutElsewhereLearnsIt() throws Exception {
    ChatClient elsewhere = new ChatClient(server);
    elsewhere.logIn(adasName + "@example.org", "correct horse");
    elsewhere.call(
        "PUT",
        "/v1/auth/password",
        JsonObjects.object()
            .put("old_password", "correct horse")
            .put("new_password", "another horse"));
    ada.sees(".door-notice", "You were signed out");
  }

  @Test
  void inTheSettingsLoginsAreEndedThePasswordIsChangedAndTheAccountIsDeleted() throws Exception {
    ChatClient elsewhere = new ChatClient(server);
    elsewhere.logIn(adasName + "@example.org", "correct horse");
    ada.click("#me");
    tab.until(count("#logins .person", 3)); // the one that registered, too
    ada.click("#logins button");
    tab.until(count("#logins .person", 2));
    ada.submit(
        "form[name=password]", "old_password", "wrong horse", "new_password", "another horse");
    ada.sees("form[name=password] .form-error", "The password is wrong.");
    ada.submit(
        "form[name=password]", "old_password", "correct horse", "new_password", "another horse");
    ada.sees(".toast", "Your password is changed");
    ada.clickText("dialog[data-name=settings] .button", "Delete the account");
    ada.submit("form[name=erase]", "password", "another horse");
    ada.sees(".door-notice", "Your account is deleted.");
    ada.tryPassword(adasName, "another horse");
    ada.sees("form[name=sign-in] .form-error", "The e-mail address or the password is wrong.");
  }
}
