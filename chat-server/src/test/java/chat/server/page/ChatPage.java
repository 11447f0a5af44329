package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A person in front of the web page: what they do, and what they see. */
final class ChatPage {
  /** The texts of the messages that are drawn. */
  static final String SHOWN =
      "[...document.querySelectorAll('.message')].map((row) =>"
          + " row.querySelector('.text, .gone')?.textContent).join()";

  /** Where one writes. */
  static final String FIELD = "document.getElementById('text')";

  private static final String SCREENSHOTS = System.getProperty("chat.screenshots", "");

  private final Browser.Tab tab;
  private final Screen screen;

  ChatPage(Browser.Tab tab, Screen screen) {
    this.tab = tab;
    this.screen = screen;
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
    }
  }

  ChatPage signUp(String name) {
    click("[data-to=up]");
    tab.until(exists("form[name=sign-up]"));
    tab.run(
        """
        (() => {
          const form = document.forms["sign-up"];
          form.elements.username.value = "%1$s";
          form.elements.email.value = "%1$s@example.org";
          form.elements.password.value = "secret99";
          form.requestSubmit();
        })()"""
            .formatted(name));
    return isIn();
  }

  /** With the password of {@link ChatClient#register}. */
  ChatPage signIn(String name) {
    tryPassword(name, "correct horse");
    return isIn();
  }

  void tryPassword(String name, String password) {
    tab.until(exists("form[name=sign-in]"));
    tab.run(
        """
        (() => {
          const form = document.forms["sign-in"];
          form.elements.email.value = "%s@example.org";
          form.elements.password.value = "%s";
          form.requestSubmit();
        })()"""
            .formatted(name, password));
  }

  ChatPage isIn() {
    tab.until(exists(".room") + " && !document.querySelector('.banner')");
    return this;
  }

  /** Makes somebody a contact, and opens what is said between the two. */
  void begin(String name) {
    click("[aria-label='New conversation']");
    tab.until(exists("form[name=add]"));
    tab.run(
        """
        (() => {
          const form = document.forms.add;
          form.elements.username.value = "%s";
          form.requestSubmit();
        })()"""
            .formatted(name));
    tab.until(exists("#write") + " && !document.querySelector('dialog')");
  }

  void open(String title) {
    String item =
        "[...document.querySelectorAll('.item')].find((item) =>"
            + " item.querySelector('.item-title').textContent.includes('%s'))".formatted(title);
    tab.until(item);
    tab.run(item + ".click()");
    tab.until("document.getElementById('title')?.textContent === '%s'".formatted(title));
  }

  /** Types where one writes, behind what is there. */
  void type(String text) {
    tab.run(FIELD + ".focus()");
    tab.insert(text);
  }

  void say(String text) {
    type(text);
    tab.until(FIELD + ".value.length > 0");
    tab.run("document.getElementById('write').requestSubmit()");
  }

  void click(String selector) {
    tab.until(exists(selector));
    tab.run("document.querySelector(\"%s\").click()".formatted(selector));
  }

  /** Chooses from the menu of the last message that a selector finds. */
  void choose(String message, String action) {
    String menu =
        "[...document.querySelectorAll('%s')].at(-1)?.querySelector('[aria-haspopup=menu]')"
            .formatted(message);
    tab.until(menu); // it comes after the message
    tab.run(menu + ".click()");
    clickText(".menu-item", action);
  }

  /** Chooses from the menu of the open conversation. */
  void chooseOfConversation(String action) {
    click("[aria-label='Conversation actions']");
    clickText(".menu-item", action);
  }

  /** Fills in the fields of a form, and sends it. */
  void submit(String form, String... namesAndValues) {
    tab.until(exists(form));
    for (int i = 0; i < namesAndValues.length; i += 2) {
      tab.run(
          "document.querySelector(\"%s\").elements.%s.value = '%s'"
              .formatted(form, namesAndValues[i], namesAndValues[i + 1]));
    }
    tab.run("document.querySelector(\"%s\").requestSubmit()".formatted(form));
  }

  void clickText(String selector, String text) {
    String found =
        "[...document.querySelectorAll(\"%s\")].find((one) => one.textContent.trim() === '%s')"
            .formatted(selector, text);
    tab.until(found);
    tab.run(found + ".click()");
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
