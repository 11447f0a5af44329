package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import java.time.LocalDate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with a conversation on the page, and with what is said in it. */
@Tag("thorough")
@Timeout(180)
final class ConversationRowsTest {
  private static final String LIST = "document.getElementById('messages')";
  private static final String AT_BOTTOM =
      "%1$s.scrollHeight - %1$s.scrollTop - %1$s.clientHeight < 5".formatted(LIST);

  @RegisterExtension static final PageWorld WORLD = new PageWorld("--messages-per-second=1000");

  @ParameterizedTest
  @EnumSource
  void itIsPinnedMutedAndArchivedAndComesBack(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    for (ChatClient friend : new ChatClient[] {bob, carol}) {
      WORLD.befriend(friend, "ada");
      WORLD.say(friend, "ada", "hello");
    }
    ada.tab().until(count("#conversations .item", 2)); // carol was the last
    ada.open(WORLD.name("bob"));
    ada.chooseOfConversation("Pin to the top");
    ada.back();
    ada.sees("#conversations .item", WORLD.name("bob"));
    ada.sees("#conversations .item .mark", "pinned");
    ada.open(WORLD.name("carol"));
    ada.chooseOfConversation("Mute for 8 hours");
    ada.back();
    ada.sees("#conversations li:nth-child(2) .mark", "muted");
    WORLD.say(carol, "ada", "again");
    ada.sees("#conversations li:nth-child(2) .item-text", "again");
    ada.show("pinned-and-muted");
    ada.open(WORLD.name("bob"));
    ada.chooseOfConversation("Archive");
    ada.back();
    ada.tab().until(count("#conversations .item", 1));
    ada.click(".archive summary");
    ada.sees("#archived .item", WORLD.name("bob"));
    ada.show("archive");
    WORLD.say(bob, "ada", "and back");
    ada.tab().until(count("#conversations .item", 2) + " && !document.querySelector('.archive')");
  }

  @ParameterizedTest
  @EnumSource
  void aDayIsGoneToAndOneWithoutMessagesLeadsToTheNext(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    for (int i = 1; i <= 120; i++) {
      WORLD.say(bob, "ada", "message " + i);
    }
    ada.open(WORLD.name("bob"));
    ada.click("#to-end");
    ada.tab().until(AT_BOTTOM + " && document.querySelector('[data-seq=\"120\"]')");
    ada.chooseOfConversation("Go to a date");
    ada.tab().until(exists("dialog[data-name=date] [name=day]"));
    ada.isAccessible("date");
    String before = LocalDate.now().minusDays(3).toString();
    ada.submit("dialog[data-name=date] form", "day", before);
    ada.tab().until(exists("[data-seq='1'].flash"));
    assertThat(ada.tab().run(exists("dialog")).isNull()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void whoIsBlockedWritesNoMoreAndIsLetInAgainInTheSettings(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "hello");
    ada.open(WORLD.name("bob"));
    ada.click("#who");
    ada.clickText(".action", "Block");
    ada.show("block");
    ada.clickText("dialog[data-name=confirm] .button", "Block");
    ada.clickText(".action", "Unblock"); // is what it says now
    ada.tab().until(exists("dialog[data-name=person]"));
    ada.clickText(".action", "Block");
    ada.clickText("dialog[data-name=confirm] .button", "Block");
    ada.sees("dialog[data-name=person] .action.danger", "Unblock");
    ObjectNode refused = bob.send(WORLD.name("ada"), "x", "hello?");
    assertThat(refused.get("type").asString()).isEqualTo("error");
    ada.tab().pressEscape();
    ada.tab().until(count("dialog", 0));
    ada.sees(".composer", "You have blocked");
    ada.isAccessible("blocked");
    ada.back();
    ada.click("#me");
    ada.clickText("dialog[data-name=settings] .button", "Unblock");
    ada.tab()
        .until(
            "![...document.querySelectorAll('dialog h3')].some((one) => one.textContent === 'Blocked')");
    ada.tab().pressEscape();
    WORLD.say(bob, "ada", "thank you");
    ada.open(WORLD.name("bob"));
    ada.seesMessages(2);
    ada.tab().until(exists("#text"));
  }

  @ParameterizedTest
  @EnumSource
  void aMessageIsForwardedAndAnotherIsReported(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    WORLD.say(carol, "ada", "hello");
    WORLD.say(bob, "ada", "the news");
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.choose(".message", "Forward");
    ada.tab().until(exists("dialog[data-name=forward] .person"));
    ada.isAccessible("forward");
    ada.clickText("dialog[data-name=forward] .person bdi", WORLD.name("carol"));
    ada.sees("#title", WORLD.name("carol"));
    ada.sees(".message.own:not(.pending) .forwarded", "Forwarded");
    ada.sees(".message.own .text", "the news");
    assertThat(carol.next("message").get("text").asString()).isEqualTo("the news");
    ada.show("forwarded");

    ada.back();
    ada.open(WORLD.name("bob"));
    ada.choose(".message", "Report");
    ada.sees("dialog[data-name=report] blockquote", "the news");
    ada.isAccessible("report");
    ada.submit("dialog[data-name=report] form", "reason", "It is no news.");
    ada.sees(".toast", "The moderators have the message now");
    ada.tab().until(count("dialog", 0));
    ada.show("reported");
  }

  @ParameterizedTest
  @EnumSource
  void whatOvertakesThePageOfTheHistoryIsThereAllTheSame(Screen screen) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "first");
    ChatPage ada = WORLD.blank(screen);
    ada.tab()
        .runFirst(
            """
            const Socket = WebSocket;
            let asked = "";
            globalThis.WebSocket = class extends Socket {
              set onmessage(listener) {
                super.onmessage = (event) => {
                  if (!asked || JSON.parse(event.data).id !== asked) return listener(event);
                  window.release = () => listener(event);
                };
              }
              send(text) {
                const frame = JSON.parse(text);
                if (frame.type === "history" && !asked) asked = frame.id;
                super.send(text);
              }
            };""");
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.tab().until("window.release");
    WORLD.say(bob, "ada", "second");
    ada.back();
    ada.sees(".item-text", "second");
    ada.tab().run("release()");
    if (screen == Screen.PHONE) {
      ada.open(WORLD.name("bob"));
    }
    ada.seesMessages(2);
  }

  @ParameterizedTest
  @EnumSource
  void whatABotWritesGrowsAndMovesNothing(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bot = WORLD.atProtocol("bob");
    WORLD.befriend(bot, "ada");
    for (int i = 1; i <= 40; i++) {
      WORLD.say(bot, "ada", "message " + i);
    }
    ada.open(WORLD.name("bob"));
    ada.click("#to-end");
    ada.tab().until(AT_BOTTOM + " && document.querySelector('[data-seq=\"40\"]')");
    ObjectNode begun = WORLD.say(bot, "ada", "Once");
    ada.tab().until(exists("[data-seq='41']"));
    String whole = grow(bot, begun, "Once", 20);
    ada.sees("[data-seq='41'] .text", whole);
    ada.tab().until(AT_BOTTOM); // who is at the end stays there
    ada.show("bot-at-the-end");

    ada.tab().run(LIST + ".scrollTop -= 900");
    ada.tab().until(exists("#to-end"));
    String top =
        "Math.round(document.querySelector(\"[data-seq='25']\").getBoundingClientRect().top)";
    int before = ada.tab().run(top).asInt();
    ada.sees("[data-seq='41'] .text", grow(bot, begun, whole, 20));
    assertThat(ada.tab().run(top).asInt()).isEqualTo(before);
    assertThat(ada.tab().run("document.querySelectorAll(\"[data-seq='41']\").length").asInt())
        .isOne();
  }

  private static String grow(ChatClient bot, ObjectNode begun, String from, int pieces)
      throws Exception {
    StringBuilder text = new StringBuilder(from);
    for (int i = 0; i < pieces; i++) {
      text.append(" and then came the next one, who had more to say");
      PageWorld.ask(
          bot,
          "edit",
          JsonObjects.object()
              .put("conversation_id", begun.get("conversation_id").asString())
              .put("seq", begun.get("seq").asInt())
              .put("text", text.toString()));
    }
    return text.toString();
  }
}
