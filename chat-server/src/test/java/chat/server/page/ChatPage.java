package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.Browser;
import chat.server.Key;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A person in front of the web page: what they do, and what they see. */
final class ChatPage {
  /** The texts of the messages that are drawn. */
  static final String SHOWN =
      "[...document.querySelectorAll('.message')].map((row) =>"
          + " row.querySelector('.text, .gone')?.textContent).join()";

  /** Where one writes. */
  static final String FIELD = "document.getElementById('text')";

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String SCREENSHOTS = System.getProperty("chat.screenshots", "");

  private final Browser.Tab tab;
  private final Screen screen;
  private final Pointer pointer;

  ChatPage(Browser.Tab tab, Screen screen) {
    this.tab = tab;
    this.screen = screen;
    this.pointer = new Pointer(tab, screen);
  }

  Browser.Tab tab() {
    return tab;
  }

  Screen screen() {
    return screen;
  }

  /** The name of a picture on this screen. */
  private String named(String view) {
    return view + "-" + screen.name().toLowerCase(Locale.ROOT);
  }

  /** Back to the list, where there is room for one pane only. */
  void back() {
    if (screen == Screen.PHONE) {
      click(".back");
      tab.until("!document.querySelector('.room.is-open')");
    }
  }

  /** Where the list is in sight, which on a phone the open conversation covers. */
  void toList() {
    if (tab.run("!!document.querySelector('.room.is-open')").asBoolean()) {
      back();
    }
  }

  ChatPage signUp(String name) {
    click("[data-to=up]");
    submit(
        "form[name=sign-up]",
        "username",
        name,
        "email",
        name + "@example.org",
        "password",
        "secret99");
    return isIn();
  }

  /** With the password of {@link ChatClient#register}. */
  ChatPage signIn(String name) {
    tryPassword(name, "correct horse");
    return isIn();
  }

  void tryPassword(String name, String password) {
    submit("form[name=sign-in]", "email", name + "@example.org", "password", password);
  }

  ChatPage isIn() {
    tab.until(exists(".room") + " && !document.querySelector('.banner')");
    return this;
  }

  /** Makes somebody a contact, and opens what is said between the two. */
  void begin(String name) {
    toList();
    click("[aria-label='New conversation']");
    submit("form[name=add]", "username", name);
    tab.until(exists("#write") + " && !document.querySelector('dialog')");
  }

  void open(String title) {
    toList();
    String item =
        "[...document.querySelectorAll('.item')].find((item) =>"
            + " item.querySelector('.item-title').textContent.includes('%s'))".formatted(title);
    String isOpen = "document.getElementById('title')?.textContent === '%s'".formatted(title);
    Awaitility.await("open " + title).atMost(MINUTE).until(() -> presses(item, isOpen));
  }

  /**
   * The row of a contact gives way to that of a conversation when the first message comes, also
   * below a finger that is on it and feels nothing then.
   */
  private boolean presses(String item, String isOpen) {
    if (!tab.run(isOpen).asBoolean()) {
      pointer.press(item);
    }
    try {
      Awaitility.await().atMost(SOON).until(() -> tab.run(isOpen).asBoolean());
      return true;
    } catch (ConditionTimeoutException itGaveWay) {
      return false;
    }
  }

  /** Types where one writes, behind what is there. */
  void type(String text) {
    pointer.press(FIELD);
    tab.press(Key.END, Key.Modifier.CTRL);
    tab.insert(text);
  }

  /** What is written goes out. */
  void send() {
    click("#write .send");
  }

  void say(String text) {
    type(text);
    tab.until(FIELD + ".value.length > 0");
    send();
  }

  /** Presses what can be pressed, with a mouse or a finger. */
  void click(String selector) {
    pointer.press(exists(selector));
  }

  /** Chooses from the menu of the last message that a selector finds. */
  void choose(String message, String action) {
    String menu =
        "[...document.querySelectorAll('%s')].at(-1)?.querySelector('[aria-haspopup=menu]')"
            .formatted(message);
    pointer.press(menu); // it comes after the message
    clickText(".menu-item", action);
  }

  /** Chooses from the menu of the open conversation. */
  void chooseOfConversation(String action) {
    click("[aria-label='Conversation actions']");
    clickText(".menu-item", action);
  }

  /** Fills in the fields of a form, and sends it. */
  void submit(String form, String... namesAndValues) {
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fill("%s [name=%s]".formatted(form, namesAndValues[i]), namesAndValues[i + 1]);
    }
    click(form + " button:not([type])");
  }

  /** Writes into a field, in place of what is there. */
  void fill(String selector, String value) {
    click(selector);
    if (tab.run(exists(selector) + ".type === 'date'").asBoolean()) {
      // which keys write a date depends on the language of the browser
      tab.run(exists(selector) + ".value = '%s'".formatted(value));
      return;
    }
    tab.pressCtrl('a');
    tab.insert(value);
    tab.until(exists(selector) + ".value === '%s'".formatted(value));
  }

  void clickText(String selector, String text) {
    String found =
        "[...document.querySelectorAll(\"%s\")].find((one) => one.textContent.trim() === '%s')"
            .formatted(selector, text);
    pointer.press(found);
  }

  void sees(String selector, String text) {
    tab.until(
        "document.querySelector(\"%s\")?.textContent.includes(\"%s\")".formatted(selector, text));
  }

  void seesMessages(int count) {
    tab.until(count(".message:not(.pending)", count));
  }

  static String exists(String selector) {
    return "document.querySelector(\"%s\")".formatted(selector);
  }

  static String count(String selector, int expected) {
    return "document.querySelectorAll('%s').length === %d".formatted(selector, expected);
  }

  /** Nothing in the view keeps people out, as far as axe can tell (WCAG 2.2, A and AA). */
  void isAccessible(String view) throws IOException {
    try (InputStream in = ChatPage.class.getResourceAsStream("/axe.min.js")) {
      tab.run(new String(in.readAllBytes(), StandardCharsets.UTF_8) + "; 0");
    }
    String found =
        tab.run(
                """
                // half-way through a transition a colour is neither the one nor the other
                for (const one of document.getAnimations()) {
                  if (one.effect.getComputedTiming().endTime !== Infinity) {
                    one.finish();
                  }
                }
                axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
                  violations.map(({ id, nodes }) => id + " " + nodes.map(({ html }) => html).join(" ")).join())""")
            .asString();
    assertThat(found).as(view).isEmpty();
    show(view);
  }

  /** {@link #picture} with the name of the screen. */
  void show(String view) throws IOException {
    picture(named(view));
  }

  /** Keeps what is seen, if the property chat.screenshots names a directory. */
  void picture(String view) throws IOException {
    if (!SCREENSHOTS.isEmpty()) {
      Path folder = Files.createDirectories(Path.of(SCREENSHOTS));
      Files.write(folder.resolve(view + ".png"), tab.screenshot());
    }
  }
}
