package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.AdminShell;
import chat.server.ChatClient;
import chat.server.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What operators say to all users, above the conversations. */
@Tag("thorough")
@Timeout(180)
final class AnnouncementsOnThePageTest {
  private static final String DATABASE = database();
  private static final String INFO = "[role=status] .announcement";
  private static final String WARNING = "[role=alert] .announcement";

  private static final String LONG =
      "We move to a new machine tonight at 22:00 UTC; the chat is away for ten minutes."
          + " https://status.example.org/plans/2026-03 says <b>more</b>. "
          + "It takes a while to copy everything. ".repeat(20);

  @RegisterExtension static final PageWorld WORLD = new PageWorld("--database-url=" + DATABASE);

  private static String database() {
    try {
      return TestServer.freshDatabase();
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static String admin(String... words) {
    String[] all = new String[words.length + 2];
    System.arraycopy(words, 0, all, 0, words.length);
    all[words.length] = "--json";
    all[words.length + 1] = "--database-url=" + DATABASE;
    AdminShell.Result result = AdminShell.run(all);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private static String announce(String kind, String text) {
    return JsonObjects.parse(
            admin("announce", "--kind=" + kind, "--text=" + text, "--reason=of the test"))
        .get("id")
        .asString();
  }

  @AfterEach
  void withdrawAll() {
    JsonObjects.parse(admin("announcements"))
        .get("announcements")
        .forEach(one -> admin("withdraw-announcement", one.get("id").asString()));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsAnnouncedIsReadOnceAndGoesWhenItIsWithdrawn(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "Have you heard?");
    ada.tab().until(exists(".item"));
    String first = announce("info", LONG);
    ada.sees(INFO, "We move to a new machine");
    ada.sees(INFO, "<b>more</b>");
    assertThat(ada.tab().run("document.querySelector('%s a').href".formatted(INFO)).asString())
        .isEqualTo("https://status.example.org/plans/2026-03");
    ada.isAccessible("announcement");

    ada.tab()
        .run(
            """
            (() => {
              window.first = document.querySelector("%s");
              window.changes = [];
              const note = ({ target, addedNodes }) => addedNodes.length && window.changes.push(target.role);
              new MutationObserver((all) => all.forEach(note))
                .observe(document.querySelector(".announcements"), { subtree: true, childList: true, characterData: true });
            })()"""
                .formatted(INFO));
    announce("info", "שלום לכולם, הצ׳אט לא יהיה זמין הלילה.");
    announce("warning", "The disk is nearly full: please send no large files today.");
    ada.sees(WARNING, "The disk is nearly full");
    ada.tab().until(count(INFO, 2));
    assertThat(ada.tab().run("window.changes.join()").asString())
        .as("each comes in once, and what was there stays")
        .isEqualTo("status,alert");
    assertThat(ada.tab().run("window.first.isConnected").asBoolean()).isTrue();
    assertThat(
            ada.tab()
                .run(
                    "getComputedStyle([...document.querySelectorAll('%s p')].at(-1)).direction"
                        .formatted(INFO))
                .asString())
        .isEqualTo("rtl");
    ada.isAccessible("announcements");
    ada.tab().run("document.documentElement.dataset.theme = 'dark'; 0");
    ada.isAccessible("announcements-dark");
    assertThat(
            ada.tab()
                .run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
                .asBoolean())
        .isTrue();
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.isAccessible("announcements-and-conversation");
    admin("withdraw-announcement", first);
    ada.tab().until(count(INFO, 1));
    ada.tab().until(count(".announcement", 2));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsDismissedByTheKeyboardStaysSoForThisUserOnThisDevice(Screen screen) throws Exception {
    String first = announce("info", "The first");
    announce("warning", "A warning");
    ChatPage ada = WORLD.onPage(screen, "ada");
    ada.sees(INFO, "The first");
    ada.sees(WARNING, "A warning");
    ada.tab().run("document.querySelector(\"%s button\").focus()".formatted(WARNING));
    ada.tab().pressEnter();
    ada.tab().until(count(".announcement", 1));
    assertThat(
            ada.tab().run("document.activeElement.closest('.announcement').dataset.id").asString())
        .as("the focus goes to the next one")
        .isEqualTo(first);
    ada.tab().reload();
    ada.isIn();
    ada.sees(INFO, "The first");
    ada.tab().until(count(".announcement", 1));

    ChatPage beside = new ChatPage(ada.tab().beside(WORLD.url()), screen);
    beside.isIn();
    beside.sees(INFO, "The first");
    beside.click(INFO + " button");
    beside.tab().until(count(".announcement", 0));
    ada.tab().until(count(".announcement", 0)); // the other tab, too
    announce("info", "Another one");
    ada.sees(INFO, "Another one");
    assertThat(
            ada.tab()
                .run("Object.keys(localStorage).filter((key) => key.startsWith('chat-dismissed/'))")
                .toString())
        .isEqualTo("[\"chat-dismissed/" + WORLD.name("ada") + "/announcements\"]");

    ChatClient.registered(WORLD.server(), WORLD.name("bob"));
    ada.tab().run("localStorage.clear(); sessionStorage.clear(); 0");
    beside.tab().run("sessionStorage.clear(); 0");
    ada.tab().reload();
    ada.signIn(WORLD.name("bob"));
    ada.tab().until(count(".announcement", 3)); // nobody has dismissed them for this user
  }
}
