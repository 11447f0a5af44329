package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.SHOWN;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.server.Browser;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The page in browsers that keep nothing, whose clock is wrong, or that two people use. */
@Tag("thorough")
@Timeout(180)
final class OddBrowsersTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  private static final String NO_DATABASE =
      """
      IDBFactory.prototype.open = () => { throw new DOMException("forbidden", "SecurityError"); };
      """;

  private static final String DATABASE_FAILS =
      """
      IDBFactory.prototype.open = function () {
        const request = new EventTarget();
        setTimeout(() => {
          request.error = new DOMException("no", "InvalidStateError");
          request.onerror?.(new Event("error"));
          request.dispatchEvent(new Event("error"));
        });
        return request;
      };
      """;

  private static final String FULL =
      """
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
      IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
      """;

  private static final String NOTHING_KEPT =
      NO_DATABASE
          + """
          for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, {
              get() { throw new DOMException("forbidden", "SecurityError"); },
            });
          }
          """;

  private static final String CLOCK =
      """
      {
        const RealDate = Date;
        const now = () => RealDate.now() + %d * 86_400_000;
        globalThis.Date = class extends RealDate {
          constructor(...all) {
            if (all.length) super(...all);
            else super(now());
          }
          static now() { return now(); }
        };
      }
      """;

  private enum Oddity {
    NO_DATABASE(OddBrowsersTest.NO_DATABASE),
    DATABASE_FAILS(OddBrowsersTest.DATABASE_FAILS),
    FULL(OddBrowsersTest.FULL),
    NOTHING_KEPT(OddBrowsersTest.NOTHING_KEPT),
    CLOCK_BEHIND(CLOCK.formatted(-1)),
    CLOCK_AHEAD(CLOCK.formatted(1));

    private final String script;

    Oddity(String script) {
      this.script = script;
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneReadsAndWritesAndDraftsLastAsLongAsThePage(Oddity oddity) throws Exception {
    Screen screen = oddity.ordinal() % 2 == 0 ? Screen.DESKTOP : Screen.PHONE;
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    WORLD.say(bob, "ada", "hello");
    ChatPage ada = WORLD.blank(screen);
    ada.tab().runFirst(oddity.script);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.say("hello back");
    assertThat(bob.next("message").get("text").asString()).isEqualTo("hello back");
    ada.seesMessages(2);
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("hello,hello back");
    ada.type("not yet");
    ada.back();
    ada.open(WORLD.name("carol"));
    ada.tab().until(FIELD + ".value === ''");
    ada.back();
    ada.open(WORLD.name("bob"));
    ada.tab().until(FIELD + ".value === 'not yet'");
    ada.picture("odd-" + oddity);
    ada.back();
    ada.click("#me");
    ada.click("#out");
    ada.clickText("dialog[data-name=confirm] .button", "Sign out");
    ada.tab().until(exists("form[name=sign-in]"));
  }

  @ParameterizedTest
  @EnumSource
  void twoPeopleInTwoTabsOfABrowserDoNotMeet(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient.registered(WORLD.server(), WORLD.name("bob"));
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(carol, "ada");
    WORLD.befriend(carol, "bob");
    WORLD.say(carol, "ada", "for ada");
    WORLD.say(carol, "bob", "for bob");
    ada.open(WORLD.name("carol"));
    ada.seesMessages(1);
    ada.type("a draft of ada");

    // a new tab begins with the login of the first one
    Browser.Tab second = ada.tab().beside(WORLD.url());
    ChatPage bob = new ChatPage(second, Screen.DESKTOP);
    bob.isIn();
    second.run("sessionStorage.clear(); localStorage.removeItem('chat-session')");
    second.reload();
    bob.signIn(WORLD.name("bob"));
    bob.open(WORLD.name("carol"));
    bob.seesMessages(1);
    assertThat(second.run(SHOWN).asString()).isEqualTo("for bob");
    bob.type("a draft of bob");
    ada.tab().reload();
    second.reload();
    ada.isIn();
    bob.isIn();
    ada.tab().until(FIELD + "?.value === 'a draft of ada'");
    ada.seesMessages(1);
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("for ada");
    bob.tab().until(FIELD + "?.value === 'a draft of bob'");
    bob.seesMessages(1);
    assertThat(second.run(SHOWN).asString()).isEqualTo("for bob");

    bob.click("#me");
    bob.click("#out");
    bob.clickText("dialog[data-name=confirm] .button", "Sign out");
    second.until(exists("form[name=sign-in]"));
    ada.tab().reload();
    ada.isIn();
    ada.tab().until(FIELD + "?.value === 'a draft of ada'");
    ada.tab().until(count(".message", 1));
    assertThat(second.run("JSON.stringify(localStorage).includes('draft of bob')").asBoolean())
        .isFalse();
  }
}
