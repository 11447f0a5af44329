package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Search, menus and the emoji picker, as axe sees them. Other tests look at what they come by. */
@Tag("thorough")
@Timeout(180)
final class AccessibilityTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  @ParameterizedTest
  @EnumSource
  void searchMenusAndPickersKeepNobodyOut(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "the needle and `code`\n- one\n- two");
    await()
        .until(
            () ->
                !bob.ask(JsonObjects.object().put("type", "search").put("query", "needle"))
                    .get("messages")
                    .isEmpty());
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.click("[aria-label='Conversation actions']");
    ada.tab().until(exists(".menu"));
    ada.isAccessible("menu-of-conversation");
    ada.tab().pressEscape();
    ada.tab().run("document.querySelector('.message').focus()");
    ada.click(".message [aria-haspopup=menu]");
    ada.tab().until(exists(".menu"));
    ada.isAccessible("menu-of-message");
    ada.tab().pressEscape();
    ada.click(".message [aria-label=React]");
    ada.tab().until(exists(".picker"));
    ada.isAccessible("picker-of-message");
    ada.tab().insert("smile");
    ada.tab().until(exists(".picker-grid button"));
    ada.isAccessible("picker-found");
    ada.click(".picker-grid button");
    ada.tab().until(exists(".reaction"));
    ada.click(".composer [aria-label=Emoji]");
    ada.tab().until(exists(".picker"));
    ada.isAccessible("picker");
    ada.click(".picker-grid button");
    ada.type(" @" + WORLD.name("bob").substring(0, 2));
    ada.tab().until(exists(".completion"));
    ada.isAccessible("completion");
    ada.tab().pressEscape();

    ada.click("[aria-label='Search in this conversation']");
    ada.tab().until(exists("dialog[open] #query"));
    ada.tab().run("document.getElementById('query').focus()");
    ada.tab().insert("needle");
    ada.tab().until(exists(".hit mark"));
    ada.isAccessible("search");
    ada.click("dialog [aria-label=Close]");
    ada.tab().until(count("dialog", 0));
    ada.back();
    ada.tab().run("document.getElementById('filter').focus()");
    ada.tab().insert(WORLD.name("bob"));
    ada.tab().until(exists(".search-messages"));
    ada.isAccessible("filter");
  }
}
