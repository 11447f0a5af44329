package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * How the page says that there is something new, how one finds what there is, and that what comes
 * in leaves alone what one does.
 */
@Tag("thorough")
@Timeout(180)
final class AttentionOnThePageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld("--messages-per-second=1000");

  private static void titleIs(ChatPage page, String title) {
    page.tab().until("document.title === '%s'".formatted(title));
  }

  @ParameterizedTest
  @EnumSource
  void badgesCountWhatIsUnreadAndWhereOneIsMentioned(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    titleIs(ada, "Chat");
    WORLD.befriend(bob, "ada");
    ada.tab().until(count("#people .item", 1)); // without a message
    ada.sees("#people .item", WORLD.name("bob"));
    WORLD.befriend(carol, "ada");
    WORLD.say(bob, "ada", "one");
    ObjectNode mention =
        JsonObjects.object()
            .put("to", WORLD.name("ada"))
            .put("client_message_id", "mention")
            .put("text", "and @" + WORLD.name("ada"));
    mention.putArray("mentions").add(WORLD.name("ada"));
    PageWorld.ask(bob, "send", mention);
    WORLD.say(carol, "ada", "three");
    titleIs(ada, "(3) Chat");
    String bobs = "#conversations li:nth-child(2) ";
    ada.sees(bobs + ".item-title", WORLD.name("bob"));
    ada.sees(bobs + ".badge.mention", "@");
    ada.sees(bobs + ".badges .hidden", "2 unread, you are mentioned");
    ada.isAccessible("badges");

    ada.open(WORLD.name("carol"));
    ada.seesMessages(1);
    titleIs(ada, "(2) Chat");
    ada.choose(".message", "Mark as unread");
    ada.tab().until(exists("#conversations li:first-child .badges"));
    titleIs(ada, "(3) Chat");
    ada.chooseOfConversation("Mark as unread");
    ada.tab().until(exists(".empty") + " && location.hash === '#/'"); // or it were read again
    ada.tab().reload();
    ada.isIn();
    titleIs(ada, "(3) Chat");
    ada.open(WORLD.name("carol"));
    titleIs(ada, "(2) Chat"); // seen to
    ada.chooseOfConversation("Mute for good");
    WORLD.say(carol, "ada", "four"); // is before her eyes
    ada.seesMessages(2);
    ada.tab().until("!document.querySelector('.item[aria-current] .badge')");
    ada.back();
    ada.open(WORLD.name("bob"));
    titleIs(ada, "Chat");
    WORLD.say(carol, "ada", "five");
    ada.sees("#conversations .badge.quiet", "1");
    titleIs(ada, "Chat"); // it is muted
  }

  @ParameterizedTest
  @EnumSource
  void wordsFindConversationsAndMessages(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    WORLD.say(bob, "ada", "the needle");
    WORLD.say(carol, "ada", "hay");
    ObjectNode search = JsonObjects.object().put("type", "search").put("query", "needle");
    await().until(() -> !bob.ask(search.deepCopy()).get("messages").isEmpty());
    ada.tab().until(count("#conversations .item", 2));
    ada.tab().run("document.getElementById('filter').focus()");
    ada.tab().insert(WORLD.name("CAR"));
    ada.tab().until(count("#conversations .item", 0));
    ada.sees(".nobody", "No conversation has this name.");
    ada.isAccessible("filter-nothing");
    ada.tab().run("document.getElementById('filter').select()");
    ada.tab().insert("CAROL");
    ada.tab().until(count("#conversations .item", 1));
    ada.sees("#conversations .item", WORLD.name("carol"));
    ada.tab().run("document.getElementById('filter').select()");
    ada.tab().insert("needle");
    ada.tab().pressEnter();
    ada.sees("dialog[data-name=search] .hit mark", "needle");
    ada.click("dialog [aria-label=Close]");
    ada.tab().until(count("dialog", 0));

    Emulation.press(ada.tab(), "k", 'K', Emulation.CONTROL);
    ada.tab().until(exists("dialog[data-name=search]"));
    ada.tab().until("document.activeElement.id === 'query'");
    ada.tab().insert("nothing like it");
    ada.sees("dialog .search-state", "Nothing found.");
    ada.isAccessible("search-nothing");
    ada.tab().run("document.getElementById('query').select()");
    ada.tab().insert(WORLD.name("bob"));
    ada.clickText("dialog .people bdi", WORLD.name("bob"));
    ada.sees("#title", WORLD.name("bob"));
    ada.tab().until(count("dialog", 0));
    Emulation.press(ada.tab(), "k", 'K', Emulation.CONTROL);
    ada.tab().until("document.activeElement.id === 'query'");
    Emulation.press(ada.tab(), "k", 'K', Emulation.CONTROL);
    ada.tab().until(count("dialog", 1)); // and not a second one above it
  }

  @ParameterizedTest
  @EnumSource
  void whatComesInLeavesTheFocusAndWhatOneTypes(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    String conversation = WORLD.say(bob, "ada", "first").get("conversation_id").asString();
    WORLD.say(carol, "ada", "hello");
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.type("half a sen");
    ada.tab().run(FIELD + ".setSelectionRange(2, 4); window.field = " + FIELD + "; 0");
    happen(bob, carol, conversation, 2);
    ada.seesMessages(3);
    ada.tab().until(exists(".reaction") + " && " + exists(".edited"));
    assertThat(
            ada.tab()
                .run(
                    "document.activeElement === field && field.value + field.selectionStart +"
                        + " field.selectionEnd")
                .asString())
        .isEqualTo("half a sen24");
    ada.tab().until(exists(".message [aria-haspopup=menu]"));
    ada.tab()
        .run(
            "window.menu = document.querySelector(\"[data-seq='1'] [aria-haspopup=menu]\");"
                + " menu.focus(); 0");
    happen(bob, carol, conversation, 4);
    ada.seesMessages(5);
    assertThat(ada.tab().run("document.activeElement === menu").asBoolean()).isTrue();
    ada.tab().until("!document.querySelector('.item[aria-current] .badge')"); // all is read
    ada.back();
    ada.tab()
        .run(
            "window.button = [...document.querySelectorAll('#conversations .item')].at(-1);"
                + " button.focus(); 0");
    String focused = "document.activeElement === button && button.dataset.id";
    String id = ada.tab().run(focused).asString();
    happen(bob, carol, conversation, 6);
    ada.tab().until("document.querySelector('#conversations .item-text').textContent === 'aside'");
    assertThat(ada.tab().run(focused).asString()).isEqualTo(id);
  }

  /** Two messages with an edit and a reaction, typing, and something elsewhere. */
  private static void happen(ChatClient bob, ChatClient carol, String conversation, int seq)
      throws Exception {
    ObjectNode here = JsonObjects.object().put("conversation_id", conversation);
    PageWorld.ask(bob, "typing", here.deepCopy().put("on", true));
    WORLD.say(bob, "ada", "message " + seq);
    PageWorld.ask(bob, "edit", here.deepCopy().put("seq", seq).put("text", "edited"));
    PageWorld.ask(
        bob, "react", here.deepCopy().put("seq", 1).put("emoji", "👍").put("on", seq != 4));
    WORLD.say(bob, "ada", "message " + (seq + 1));
    WORLD.say(carol, "ada", "aside");
  }
}
