package chat.server.page;

import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What the page does with messages that come faster than anybody reads. Times are not measured. */
@Tag("thorough")
@Timeout(180)
final class ManyMessagesTest {
  private static final int MESSAGES = 600;
  private static final int SEEN = 3_000;
  private static final int ROWS = 290;
  private static final int ELEMENTS = 7_500;
  private static final int SCROLLED = 1_000;
  private static final String FIRST = "+document.querySelector('[data-seq]').dataset.seq";
  private static final int PER_SECOND = 200;
  private static final int DRAWS_PER_SECOND = 20;
  private static final int DRAWS_AT_ONCE = 10;

  @RegisterExtension static final PageWorld WORLD = new PageWorld("--messages-per-second=100000");

  private ChatPage ada;
  private Flood bob;

  /** Counts, from now on, how often a part of the page changes, and when it did first and last. */
  private void watch(String selector) {
    ada.tab()
        .run(
            """
            (() => {
              globalThis.changes = [];
              const one = document.querySelector("%s");
              new MutationObserver(() => changes.push({ at: performance.now(), text: one.textContent }))
                .observe(one, { childList: true, subtree: true, characterData: true });
            })()"""
                .formatted(selector));
  }

  private void aConversationIsOpen(Screen screen) throws Exception {
    ada = WORLD.onPage(screen, "ada");
    ChatClient friend = WORLD.registered("bob");
    WORLD.befriend(friend, "ada");
    bob = WORLD.flood(friend, "ada");
    bob.send(10, PER_SECOND);
    ada.open(WORLD.name("bob"));
    ada.seesMessages(10);
  }

  @Test
  void theListIsDrawnAFewTimesASecond() throws Exception {
    aConversationIsOpen(Screen.DESKTOP);
    watch(".rows");
    bob.send(MESSAGES, PER_SECOND);
    ada.tab().until(exists("[data-seq='%d']".formatted(MESSAGES + 10)));
    JsonNode drawn =
        ada.tab().run("({ draws: changes.length, ms: changes.at(-1).at - changes[0].at })");
    assertThat(drawn.get("draws").asInt())
        .isLessThan(DRAWS_AT_ONCE + drawn.get("ms").asInt() * DRAWS_PER_SECOND / 1_000);
  }

  @Test
  void theToolsOfAMessageComeAfterItAndAtOnceForTheKeyboard() throws Exception {
    aConversationIsOpen(Screen.DESKTOP);
    ada.tab()
        .run(
            """
            (() => {
              const hasTools = (row) => !!row.querySelector("[aria-haspopup]");
              globalThis.seen = new Promise((resolve) => {
                new MutationObserver(async ([{ addedNodes: [row] }], observer) => {
                  observer.disconnect();
                  const before = hasTools(row);
                  row.focus();
                  await new Promise((drawn) => setTimeout(drawn));
                  resolve({ before, after: hasTools(row) });
                }).observe(document.querySelector(".rows"), { childList: true });
              });
            })()""");
    bob.send(1, PER_SECOND);
    JsonNode seen = ada.tab().run("seen");
    assertThat(seen.get("before").asBoolean()).isFalse();
    assertThat(seen.get("after").asBoolean()).isTrue();
    bob.send(MESSAGES, PER_SECOND);
    ada.tab()
        .until(
            "[...document.querySelectorAll('.message')].every((row) =>"
                + " row.querySelector('[aria-haspopup]'))");
  }

  /**
   * Nothing in the page has one entry for each message that it has seen, nor is all drawn that one
   * scrolls through. How long a draw takes is not measured: a busy machine has more long tasks with
   * a window of the messages than an idle one without.
   */
  @Test
  void whatItRemembersAndDrawsIsBounded() throws Exception {
    aConversationIsOpen(Screen.DESKTOP);
    bob.send(SEEN, 1_000);
    ada.tab().until(exists("[data-seq='%d']".formatted(SEEN + 10)));
    assertThat(ada.tab().run("document.querySelectorAll('.message').length").asInt())
        .isLessThanOrEqualTo(ROWS);
    assertThat(largest("Map")).isLessThan(SEEN / 2);
    assertThat(largest("Set")).isLessThan(SEEN / 2);
    assertThat(largest("Array")).isLessThan(SEEN / 2);
    for (int first = SEEN; first > SEEN - SCROLLED; first = ada.tab().run(FIRST).asInt()) {
      ada.tab().run("document.getElementById('messages').scrollTop = 300");
      ada.tab().until(FIRST + " < " + first);
      assertThat(ada.tab().run("document.getElementsByTagName('*').length").asInt())
          .isLessThan(ELEMENTS);
    }
  }

  /** The size of the largest one in the whole page. */
  private int largest(String collection) {
    Browser.Tab tab = ada.tab();
    tab.command("HeapProfiler.collectGarbage", JsonObjects.object());
    JsonNode prototype =
        tab.command(
            "Runtime.evaluate", JsonObjects.object().put("expression", collection + ".prototype"));
    JsonNode all =
        tab.command(
            "Runtime.queryObjects",
            JsonObjects.object()
                .put("prototypeObjectId", prototype.at("/result/objectId").asString()));
    return tab.command(
            "Runtime.callFunctionOn",
            JsonObjects.object()
                .put("objectId", all.at("/objects/objectId").asString())
                .put(
                    "functionDeclaration",
                    "function () { return this.reduce((most, { size, length }) =>"
                        + " Math.max(most, size ?? length), 0); }")
                .put("returnByValue", true))
        .at("/result/value")
        .asInt();
  }

  @ParameterizedTest
  @EnumSource
  void eachMessageIsSaidOnce(Screen screen) throws Exception {
    aConversationIsOpen(screen);
    watch("#announcements");
    bob.send(4, 1_000);
    ada.tab().until("changes.map(({ text }) => text).join().includes('Message 14')");
    JsonNode said = ada.tab().run("changes.map(({ text }) => text)");
    List<String> texts =
        StreamSupport.stream(said.spliterator(), false).map(JsonNode::asString).toList();
    for (int i = 11; i <= 14; i++) {
      assertThat(String.join("\n", texts)).containsOnlyOnce("Message " + i + ",");
    }
  }
}
