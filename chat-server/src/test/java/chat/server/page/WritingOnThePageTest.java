package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is written on the page: marks in texts, names and emoji that complete themselves, files on
 * their way, and texts that nobody sees.
 */
@Tag("thorough")
@Timeout(180)
final class WritingOnThePageTest {
  private static final int DOWN = 40;
  private static final int TAB = 9;

  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  private static ChatPage adaWith(Screen screen, ChatClient bob) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "hello");
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    return ada;
  }

  @Test
  void onAPhoneTheKeyboardStaysAlsoWhenAConversationBegins() throws Exception {
    ChatPage ada = WORLD.onPage(Screen.PHONE, "ada");
    WORLD.registered("bob");
    ada.begin(WORLD.name("bob"));
    for (int messages = 1; messages <= 2; messages++) {
      ada.say("hello");
      ada.seesMessages(messages);
      ada.tab().until("document.activeElement.id === 'text'");
    }
  }

  @ParameterizedTest
  @EnumSource
  void marksBecomeElementsAndNothingElseDoes(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = adaWith(screen, bob);
    String hostile =
        """
        [a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](//evil.example)
        <img src=x onerror=alert(1)> https://a.example/"onmouseover="alert(1)
        [e](https://b.example/?q=<script>)
        """;
    WORLD.say(bob, "ada", hostile);
    WORLD.say(bob, "ada", "# `code` *it* ~~no~~\n- one\n- **two**\n3. three\n```js\nlet a;\n```");
    WORLD.say(bob, "ada", "שלום, Ada");
    PageWorld.ask(bob, "send", mentioning(ada));
    ada.seesMessages(5);
    String links =
        "[...document.querySelectorAll('.text a')].map((a) => a.href + ' ' + a.target + ' ' + a.rel)";
    String safe = " _blank noopener noreferrer nofollow";
    assertThat(ada.tab().run(links + ".join()").asString())
        .isEqualTo("https://a.example/" + safe + ",https://b.example/?q=" + safe);
    assertThat(
            ada.tab()
                .run(
                    "[...document.querySelectorAll('.text *')].some((one) => one.matches('img,"
                        + " script') || [...one.attributes].some(({ name }) =>"
                        + " /^on/.test(name)))")
                .asBoolean())
        .isFalse();
    ada.sees("[data-seq='2'] .text", "<img src=x onerror=alert(1)>");
    String last = "[data-seq='3'] .text ";
    ada.sees(last + "p code", "code");
    ada.sees(last + "em", "it");
    ada.sees(last + "s", "no");
    ada.sees(last + "ul li:nth-child(2) strong", "two");
    ada.sees(last + "ol[start='3'] li", "three");
    ada.sees(last + "pre[dir=ltr]", "let a;");
    // each text runs as its own letters do
    String direction = "getComputedStyle(document.querySelector(\"[data-seq='%d'] p\")).direction";
    assertThat(ada.tab().run(direction.formatted(4)).asString()).isEqualTo("rtl");
    assertThat(ada.tab().run(direction.formatted(5)).asString()).isEqualTo("ltr");
    ada.sees(".message.mentioned .mention.me", "@" + WORLD.name("ada"));
    ada.isAccessible("marks");
    ada.click(".mention.me");
    ada.sees("dialog[data-name=person]", "@" + WORLD.name("ada"));
  }

  private static ObjectNode mentioning(ChatPage ada) {
    ObjectNode fields =
        JsonObjects.object()
            .put("to", WORLD.name("ada"))
            .put("client_message_id", "mention")
            .put("text", "Look, @" + WORLD.name("ada"));
    fields.putArray("mentions").add(WORLD.name("ada"));
    return fields;
  }

  @ParameterizedTest
  @EnumSource
  void namesAndEmojiCompleteThemselvesAndBlankTextsGoNowhere(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = adaWith(screen, bob);
    ada.type("Hi @" + WORLD.name("bo"));
    ada.tab().until("!document.querySelector('.completion')"); // nobody is called so
    ada.tab().run("document.getElementById('text').select()");
    ada.tab().insert("Hi @b");
    ada.sees(".completion [aria-selected=true]", "@" + WORLD.name("bob"));
    ada.tab().pressEnter();
    fieldIs(ada, "Hi @" + WORLD.name("bob") + " ");
    ada.tab().insert(":thumbs");
    ada.tab().until(count(".completion [role=option]", 2));
    Emulation.press(ada.tab(), "ArrowDown", DOWN, 0);
    ada.sees(".completion [aria-selected=true]", "👎");
    assertThat(
            ada.tab()
                .run(
                    "document.getElementById(document.getElementById('text')"
                        + ".getAttribute('aria-activedescendant')).textContent")
                .asString())
        .contains("👎");
    Emulation.press(ada.tab(), "Tab", TAB, 0);
    fieldIs(ada, "Hi @" + WORLD.name("bob") + " 👎 ");
    ada.tab().insert(":tada");
    ada.tab().until(exists(".completion"));
    ada.tab().pressEscape();
    ada.tab().until(count(".completion", 0));
    fieldIs(ada, "Hi @" + WORLD.name("bob") + " 👎 :tada"); // Escape changes nothing
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ObjectNode sent = bob.next("message");
    assertThat(sent.get("mentions")).hasSize(1);

    ada.seesMessages(2);
    for (String blank : new String[] {"", "   ", " \n\t\u00a0\u3000"}) {
      ada.tab().run("document.getElementById('text').select()");
      ada.tab().insert(blank);
      ada.tab().until(exists("#write .send:disabled"));
      ada.tab().run("document.getElementById('write').requestSubmit()");
    }
    ada.tab().run("document.getElementById('text').select()");
    ada.tab().insert("\u200b\u2060"); // which only the server knows to be nothing
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.sees(".failed .reason", "Not sent: ");
    assertThat(ada.tab().run("document.querySelector('.failed .reason').textContent").asString())
        .matches("(?s) ?Not sent: [A-Z][a-z ,:]+\\.");
    ada.isAccessible("failed");
    ada.seesMessages(3);
  }

  private static void fieldIs(ChatPage page, String text) {
    page.tab().until(FIELD + ".value === " + JsonObjects.object().stringNode(text));
  }

  @ParameterizedTest
  @EnumSource
  void aFileOnItsWayShowsHowFarItIsAndIsCalledBack(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = adaWith(screen, bob);
    Emulation.slowUploads(ada.tab(), 300_000);
    String drop =
        """
        (() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["x".repeat(%d)], "%s", { type: "text/plain" }));
          document.querySelector(".rows").dispatchEvent(
            new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
        })()""";
    ada.tab().run(drop.formatted(9_000_000, "large.txt"));
    ada.tab().until("document.querySelector('.tray progress')?.value > 0");
    assertThat(ada.tab().run("document.querySelector('.tray progress').value < 1").asBoolean())
        .isTrue();
    ada.tab().until(exists("#write .send:disabled")); // it would go without the file
    ada.isAccessible("uploading");
    ada.click("[aria-label='Remove large.txt']");
    ada.tab().until(count(".tray", 0));
    ada.tab().run(drop.formatted(1_000, "small.txt"));
    ada.sees(".tray .upload small", "1.0 KB");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    assertThat(bob.next("message").get("attachments")).hasSize(1);
    ada.seesMessages(2);
    ada.sees(".attachment", "small.txt");
  }
}
