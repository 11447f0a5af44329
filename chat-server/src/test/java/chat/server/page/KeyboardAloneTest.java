package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.Key;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The page without a mouse: everything is reached by keys, and one sees where the focus is. */
@Tag("thorough")
@Timeout(180)
final class KeyboardAloneTest {
  private static final int MOST_STEPS = 60;

  /** What is focused has an outline, or a colour in a menu, large enough and in sight. */
  private static final String FOCUS_IS_SEEN =
      """
      (() => {
        const focused = document.activeElement;
        const isMarked = (one) => {
          const { outlineStyle, outlineWidth, backgroundColor } = getComputedStyle(one);
          const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
          return outlined || (one.matches(".menu-item") && backgroundColor !== "rgba(0, 0, 0, 0)");
        };
        const isInSight = (one) => {
          const { left, top, right, bottom } = one.getBoundingClientRect();
          const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
          const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
          const isLarge = right - left > 8 && bottom - top > 8;
          const isDrawn = one.closest("[popover]") || one.checkVisibility({ opacityProperty: true });
          return isLarge && isDrawn && one.contains(document.elementFromPoint(x, y));
        };
        return [focused, focused.parentElement, focused.querySelector(".bubble")]
          .some((one) => one && isMarked(one) && isInSight(one));
      })()""";

  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  private Browser.Tab tab;

  @Test
  void fromTheDoorToTheSettingsNobodyNeedsAMouse() throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = WORLD.atTheDoor(Screen.DESKTOP);
    tab = ada.tab();
    signUp();
    ada.isIn();
    addAsContact(WORLD.name("bob"));
    tab.until("document.activeElement === " + FIELD);
    tab.typeAll("Hello");
    tab.press(Key.ENTER);
    assertThat(bob.next("message").get("text").asString()).isEqualTo("Hello");
    WORLD.say(bob, "ada", "a question");
    ada.seesMessages(2);

    goToLastMessage();
    tabTo(".message [aria-label=Reply]");
    tab.press(Key.ENTER);
    ada.sees("#about", "a question");
    tab.until("document.activeElement === " + FIELD);
    tab.typeAll("an answer");
    tab.press(Key.ENTER);
    ada.sees(".own .quote", "a question");

    reactToTheMessageBefore(ada);
    tabBackTo("[aria-label='Conversation actions']");
    tab.press(Key.ENTER);
    menuHasFocus();
    chooseWithArrows("Pin to the top");
    ada.sees("#conversations .mark", "pinned");
    tab.until("document.activeElement.matches(\"[aria-label='Conversation actions']\")");

    tabTo("#files"); // Attach files
    tab.until("document.activeElement.type === 'file'");
    tabTo("#text");
    tab.press(Key.ARROW_UP);
    ada.sees("#about", "Edit message");
    tab.press(Key.ESCAPE);
    tab.until(count("#about", 0));

    tab.pressCtrl('k');
    tab.until(exists("dialog[open] #query"));
    escapeFromDialog();
    tabBackTo("#me");
    tab.press(Key.ENTER);
    tab.until(exists("dialog[data-name=settings] [name=last_seen]:enabled"));
    tabTo("dialog [name=theme]");
    tab.press(Key.ARROW_DOWN);
    tab.until(exists("dialog [name=theme][value=light]:checked"));
    tabTo("#out");
    escapeFromDialog();
    tab.until("document.activeElement.id === 'me'"); // where it was
  }

  private void signUp() {
    tabTo("[data-to=up]");
    tab.press(Key.ENTER);
    tabTo("form[name=sign-up] [name=username]");
    tab.typeAll(WORLD.name("ada"));
    tabTo("[name=email]");
    tab.typeAll(WORLD.name("ada") + "@example.org");
    tabTo("[name=password]");
    tab.typeAll("secret99");
    tab.press(Key.ENTER);
  }

  private void addAsContact(String name) {
    tabTo("[aria-label='New conversation']");
    tab.press(Key.SPACE);
    tab.until(exists("dialog[open] form[name=add]"));
    tabTo("form[name=add] [name=username]");
    tab.typeAll(name);
    tab.press(Key.ENTER);
    tab.until(exists("#write") + " && !document.querySelector('dialog')");
  }

  private void goToLastMessage() {
    tabBackTo("#messages");
    tab.press(Key.ARROW_UP);
    tab.until("document.activeElement === [...document.querySelectorAll('.message')].at(-1)");
    focusIsSeen();
  }

  private void reactToTheMessageBefore(ChatPage ada) {
    tab.until(count(".message.pending", 0));
    goToLastMessage();
    tab.press(Key.ARROW_UP);
    tab.until("document.activeElement.dataset.seq === '2'");
    tab.press(Key.ENTER);
    menuHasFocus();
    tab.press(Key.ENTER); // the first is a thumb
    ada.sees("[data-seq='2'] .reaction[aria-pressed=true]", "1");
  }

  private void menuHasFocus() {
    tab.until("document.activeElement.matches('.menu [role=menuitem]')");
    focusIsSeen();
  }

  private void chooseWithArrows(String item) {
    String chosen = "document.activeElement.textContent.trim() === '%s'".formatted(item);
    for (int i = 0; !tab.run(chosen).asBoolean(); i++) {
      assertThat(i).as(item).isLessThan(MOST_STEPS);
      tab.press(Key.ARROW_DOWN);
      focusIsSeen();
    }
    tab.press(Key.ENTER);
  }

  private void escapeFromDialog() {
    tab.press(Key.ESCAPE);
    tab.until(count("dialog", 0));
  }

  private void tabTo(String selector) {
    step(selector, Key.TAB);
  }

  private void tabBackTo(String selector) {
    step(selector, Key.TAB, Key.Modifier.SHIFT);
  }

  /** What is passed on the way shows its focus, too. */
  private void step(String selector, Key key, Key.Modifier... held) {
    tab.until(exists(selector));
    String isThere = "document.activeElement.matches(\"%s\")".formatted(selector);
    for (int i = 0; !tab.run(isThere).asBoolean(); i++) {
      assertThat(i).as("steps to " + selector).isLessThan(MOST_STEPS);
      tab.press(key, held);
      if (!tab.run("document.activeElement === document.body").asBoolean()) {
        focusIsSeen();
      }
    }
  }

  private void focusIsSeen() {
    assertThat(tab.run(FOCUS_IS_SEEN).asBoolean())
        .as("the focus is seen on " + tab.run("document.activeElement.outerHTML.slice(0, 300)"))
        .isTrue();
  }
}
