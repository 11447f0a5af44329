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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one sees of a conversation on the web page, and how one writes, in a real browser. Each test
 * has its own people: Ada on the page, Bob and Carol at the protocol.
 */
@Tag("thorough")
@Timeout(180)
final class WebPageConversationTest {
  private static final String LIST = "document.getElementById('messages')";
  private static final String AT_BOTTOM =
      "%1$s.scrollHeight - %1$s.scrollTop - %1$s.clientHeight < 5".formatted(LIST);

  /** The seqs of the messages that are drawn. */
  private static final String FIRST_AND_LAST =
      """
      (([...all]) => ({ first: +all.at(0).dataset.seq, last: +all.at(-1).dataset.seq }))\
      (document.querySelectorAll("[data-seq]"))""";

  /** What the browser keeps beside the texts. */
  private static final String KEPT =
      """
      new Promise((resolve) => {
        indexedDB.open("chat").onsuccess = ({ target: { result: database } }) => {
          const all = database.transaction("records").objectStore("records").getAll();
          all.onsuccess = () => resolve(JSON.stringify(all.result));
        };
      })""";

  @RegisterExtension
  static final PageWorld WORLD =
      new PageWorld("--max-text-bytes=2000", "--messages-per-second=1000");

  private String adasName;
  private String bobsName;
  private String carolsName;
  private ChatClient bob;
  private ChatClient carol;
  private ChatPage ada;
  private Browser.Tab tab;

  /** Ada, who has two friends. */
  private void comeIn(Screen screen) throws Exception {
    adasName = WORLD.name("ada");
    bobsName = WORLD.name("bob");
    carolsName = WORLD.name("carol");
    WORLD.registered("ada");
    bob = WORLD.atProtocol("bob");
    carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    ada = WORLD.atTheDoor(screen).signIn(adasName);
    tab = ada.tab();
    tab.until(count(".item", 2));
  }

  private String say(ChatClient friend, String text) throws Exception {
    return WORLD.say(friend, "ada", text).get("conversation_id").asString();
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

  @ParameterizedTest
  @EnumSource
  void eachConversationHasItsDraftWhichOutlivesAReload(Screen screen) throws Exception {
    comeIn(screen);
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
    ada.send();
    ada.seesMessages(2);
    draftIs("");
    say(carol, "I was first"); // their conversation begins
    ada.open(carolsName);
    ada.seesMessages(1);
    draftIs("for carol");
  }

  @ParameterizedTest
  @EnumSource
  void aTextThatIsTooLongStaysWithItsReasonAndHoldsUpNothing(Screen screen) throws Exception {
    comeIn(screen);
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

  @ParameterizedTest
  @EnumSource
  void linesStayLines(Screen screen) throws Exception {
    comeIn(screen);
    ada.open(bobsName);
    ada.type("for (;;) {\n  wait();\n}");
    newLine(screen);
    ada.type("That is all.");
    String written = "for (;;) {\n  wait();\n}\nThat is all.";
    draftIs(written);
    assertThat(tab.run(FIELD + ".offsetHeight > 80").asBoolean()).isTrue(); // it grows
    sendByKey(screen);
    assertThat(bob.next("message").get("text").asString()).isEqualTo(written);
    ada.seesMessages(1);
    assertThat(tab.run(SHOWN).asString()).isEqualTo(written);
  }

  private void newLine(Screen screen) {
    switch (screen) {
      case DESKTOP -> tab.pressShiftEnter();
      case PHONE -> tab.pressEnter();
    }
  }

  /** On a phone no key does. */
  private void sendByKey(Screen screen) {
    switch (screen) {
      case DESKTOP -> tab.pressEnter();
      case PHONE -> ada.send();
    }
  }

  @ParameterizedTest
  @EnumSource
  void signingOutForgetsWhatWasWritten(Screen screen) throws Exception {
    comeIn(screen);
    say(bob, "whispered");
    ada.open(bobsName);
    ada.type("a secret");
    tab.until("JSON.stringify(localStorage).includes('a secret')");
    await().until(() -> tab.run(KEPT).asString(), kept -> kept.contains("whispered"));
    ada.back();
    ada.click("#me");
    ada.click("#out");
    ada.clickText("dialog[data-name=confirm] .button", "Sign out");
    tab.until(exists("form[name=sign-in]"));
    tab.until("!JSON.stringify(localStorage).includes('a secret')");
    assertThat(tab.run(KEPT).asString()).isEqualTo("[]");
  }

  // ---- reading

  @ParameterizedTest
  @EnumSource
  void whoReadsHistoryStaysThereAndLearnsThatThereIsSomethingNew(Screen screen) throws Exception {
    comeIn(screen);
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
    StillRow row = StillRow.watch(tab);
    for (int i = 1; i <= 5; i++) {
      say(bob, "more " + i);
    }
    ada.sees("#to-end", "5 new messages");
    row.hasNotMoved();
    ada.click("#to-end");
    tab.until(AT_BOTTOM);
    tab.until("!document.querySelector('.item .badge')");
    say(bob, "now she reads along");
    tab.until(SHOWN + ".endsWith('now she reads along')");
    tab.until(AT_BOTTOM);
  }

  /** At the very edge of what is there, where a load moves most, and while messages come below. */
  @ParameterizedTest
  @EnumSource
  void historyIsEndlessAndDoesNotJump(Screen screen) throws Exception {
    comeIn(screen);
    ObjectNode group =
        JsonObjects.object().put("name", WORLD.name("hikers")).put("client_group_id", "hikers");
    group.putArray("members").add(adasName);
    String id = PageWorld.ask(bob, "create_group", group).get("conversation_id").asString();
    for (int i = 1; i <= 400; i++) {
      sayIn(id, "message " + i);
    }
    ada.open(WORLD.name("hikers"));
    ada.click("#to-end");
    tab.until(SHOWN + ".endsWith('message 400')");
    tab.until(count("#to-end", 0));
    for (int first = seqOf("first"); first > 1; first = seqOf("first")) {
      tab.run(LIST + ".scrollTop = 0");
      tab.until(exists("#to-end")); // she is not at the end any more
      StillRow row = StillRow.watch(tab);
      sayIn(id, "while she reads what came before message " + first);
      tab.until(FIRST_AND_LAST + ".first < " + first);
      row.hasNotMoved();
      assertThat(tab.run("document.querySelectorAll('.message').length").asInt()).isLessThan(300);
    }
    for (int last = seqOf("last"); last < 400; last = seqOf("last")) {
      tab.run("%1$s.scrollTop = %1$s.scrollHeight".formatted(LIST));
      StillRow row = StillRow.watch(tab);
      tab.until(FIRST_AND_LAST + ".last > " + last);
      row.hasNotMoved();
    }
  }

  private void sayIn(String conversation, String text) throws Exception {
    PageWorld.ask(
        bob,
        "send",
        JsonObjects.object()
            .put("conversation_id", conversation)
            .put("client_message_id", "c" + System.nanoTime())
            .put("text", text));
  }

  private int seqOf(String end) {
    return tab.run(FIRST_AND_LAST + "." + end).asInt();
  }

  // ---- edits, replies, reactions

  @ParameterizedTest
  @EnumSource
  void whatOthersEditAndDeleteIsShownAsItIsNow(Screen screen) throws Exception {
    comeIn(screen);
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

  @ParameterizedTest
  @EnumSource
  void aReplyShowsWhatItAnswersAsItIsNow(Screen screen) throws Exception {
    comeIn(screen);
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

  @ParameterizedTest
  @EnumSource
  void ownMessagesAreEditedWithTheKeyboardAndDeletedAfterAQuestion(Screen screen) throws Exception {
    comeIn(screen);
    say(bob, "hello");
    ada.open(bobsName);
    ada.say("helo");
    ada.seesMessages(2);
    ada.click("#text");
    tab.pressArrowUp();
    ada.sees("#about", "Edit message");
    draftIs("helo");
    tab.insert(", you");
    sendByKey(screen);
    assertThat(bob.next("message_edited").get("text").asString()).isEqualTo("helo, you");
    tab.until(count(".edited", 1));
    ada.choose(".own", "Delete");
    ada.clickText("dialog[data-name=confirm] .button", "Delete");
    assertThat(bob.next("message_deleted").get("text").asString()).isEmpty();
    tab.until(count(".gone", 1));
  }

  @ParameterizedTest
  @EnumSource
  void whoIsNamedIsMentionedAndReactionsAreCounted(Screen screen) throws Exception {
    comeIn(screen);
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

  @ParameterizedTest
  @EnumSource
  void aConversationIsMutedArchivedAndComesBack(Screen screen) throws Exception {
    comeIn(screen);
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

  @ParameterizedTest
  @EnumSource
  void wordsAreFoundAndShownWhereTheyStand(Screen screen) throws Exception {
    comeIn(screen);
    say(bob, "the needle");
    for (int i = 1; i <= 120; i++) {
      say(bob, "hay " + i);
    }
    await().until(() -> isIndexed("needle"));
    ada.open(bobsName);
    ada.click("[aria-label='Search in this conversation']");
    tab.until(exists("dialog[open] #query"));
    ada.fill("#query", "needle");
    ada.click(".hit");
    tab.until(exists("[data-seq='1'].flash"));
  }

  private boolean isIndexed(String word) throws Exception {
    ObjectNode search = JsonObjects.object().put("type", "search").put("query", word);
    return !bob.ask(search).get("messages").isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void theDoorSaysWhatIsWrong(Screen screen) throws Exception {
    comeIn(screen);
    ChatPage stranger = WORLD.atTheDoor(screen);
    stranger.tryPassword(adasName, "wrong password");
    stranger.sees(".form-error", "The e-mail address or the password is wrong.");
    stranger.click("[data-to=forgotten]");
    stranger.sees("main", "The people who run this server");
  }

  @ParameterizedTest
  @EnumSource
  void whoIsSignedOutElsewhereLearnsIt(Screen screen) throws Exception {
    comeIn(screen);
    ChatClient elsewhere = WORLD.elsewhere("ada");
    elsewhere.call(
        "PUT",
        "/v1/auth/password",
        JsonObjects.object()
            .put("old_password", "correct horse")
            .put("new_password", "another horse"));
    ada.sees(".door-notice", "You were signed out");
  }

  @ParameterizedTest
  @EnumSource
  void inTheSettingsLoginsAreEndedThePasswordIsChangedAndTheAccountIsDeleted(Screen screen)
      throws Exception {
    comeIn(screen);
    ChatClient elsewhere = WORLD.elsewhere("ada");
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
