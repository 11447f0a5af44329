package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The page on screens that are not as usual: with colours that the user wants, small ones, such
 * with notches, and in a browser without a network.
 */
@Tag("thorough")
@Timeout(180)
final class ScreensOnThePageTest {
  private static final int PHONE_WITH_KEYBOARD = 400; // of 844 pixels
  private static final int LEAST_OF_MESSAGES = 148; // three lines and the room between

  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  private static ChatPage adaWithThirtyMessages(Screen screen, ChatClient bob) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    WORLD.befriend(bob, "ada");
    for (int i = 1; i <= 30; i++) {
      WORLD.say(bob, "ada", "message " + i);
    }
    ada.open(WORLD.name("bob"));
    ada.seesMessages(30);
    ada.say("last");
    ada.seesMessages(31);
    return ada;
  }

  @ParameterizedTest
  @EnumSource
  void theDoorKeepsNobodyOutAndEnterMakesNoAccount(Screen screen) throws Exception {
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.click("[data-to=forgotten]");
    ada.sees("h1", "Forgot your password?");
    ada.isAccessible("forgotten");
    ada.click("[data-to=in]");
    ada.tab().until(exists("form[name=sign-in]"));
    String email = WORLD.name("ada") + "@example.org";
    ada.tab().run("document.forms['sign-in'].elements.email.focus()");
    ada.tab().insert(email);
    ada.tab().run("document.forms['sign-in'].elements.password.focus()");
    ada.tab().insert("secret99");
    ada.tab().pressEnter();
    ada.sees(".form-error", "The e-mail address or the password is wrong.");
    ada.isAccessible("sign-in-refused");
    ada.click("[data-to=up]");
    ada.tab().until(exists("form[name=sign-up]"));
    ada.isAccessible("sign-up");
    ada.tab().run("document.querySelector('[data-to=in]').click()");
    ada.signUp(WORLD.name("ada")); // with the same address, which nobody has taken
    ada.click("#me");
    ada.clickText("dialog .button", "Delete the account");
    ada.sees("dialog[data-name=erase]", "This cannot be undone.");
    ada.isAccessible("erase");
  }

  @ParameterizedTest
  @EnumSource
  void colours(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = adaWithThirtyMessages(screen, bob);
    Browser.Tab tab = ada.tab();
    Emulation.media(tab, "prefers-color-scheme", "dark");
    assertThat(brightness(tab, ".pane")).isLessThan(60);
    ada.isAccessible("dark-of-the-system");
    Emulation.media(tab, "prefers-contrast", "more");
    assertThat(brightness(tab, ".pane")).isGreaterThan(200);
    assertThat(colour(tab, ".own .meta time")).isEqualTo(colour(tab, "body"));
    assertThat(colour(tab, ".item-text")).isEqualTo(colour(tab, "body"));
    ada.isAccessible("high-contrast");

    Emulation.media(tab, "forced-colors", "active");
    tab.until("matchMedia('(forced-colors: active)').matches");
    assertThat(style(tab, ".bubble", "borderTopStyle")).isEqualTo("solid");
    ada.click("[aria-label='Conversation actions']");
    tab.until("document.activeElement.matches('.menu-item')");
    Emulation.press(tab, "ArrowDown", 40, 0);
    assertThat(style(tab, ".menu-item:focus", "outlineStyle")).as("focus").isEqualTo("solid");
    ada.isAccessible("forced-colours");
    tab.pressEscape();
    ada.type("@b");
    tab.until(exists(".completion"));
    assertThat(style(tab, ".completion [aria-selected=true]", "outlineStyle")).isEqualTo("solid");
    tab.pressEscape();
    ada.back();
    ada.click("[aria-label='New conversation']");
    tab.until(exists("dialog[open] .tabs"));
    assertThat(style(tab, ".tabs [aria-pressed=true]", "outlineStyle")).isEqualTo("solid");
    assertThat(style(tab, ".tabs [aria-pressed=false]", "outlineStyle")).isEqualTo("none");
    tab.pressEscape();
    tab.until(count("dialog", 0));
    Emulation.media(tab, "forced-colors", "none");

    ada.click("#me");
    tab.until(exists("dialog[open]"));
    ada.click("dialog [name=theme][value=dark]");
    ada.click("dialog [name=direction][value=rtl]");
    assertThat(style(tab, "body", "direction")).isEqualTo("rtl");
    ada.isAccessible("settings-dark-right-to-left");
    tab.pressEscape();
    ada.open(WORLD.name("bob"));
    ada.seesMessages(31);
    ada.isAccessible("conversation-dark-right-to-left");
    assertThat(tab.run("document.documentElement.scrollWidth <= innerWidth").asBoolean()).isTrue();
  }

  private static String style(Browser.Tab tab, String selector, String property) {
    return tab.run("getComputedStyle(%s).%s".formatted(exists(selector), property)).asString();
  }

  private static String colour(Browser.Tab tab, String selector) {
    return style(tab, selector, "color");
  }

  /** Of the background, from 0 to 255. */
  private static int brightness(Browser.Tab tab, String selector) {
    return tab.run(
            "Math.max(...getComputedStyle(%s).backgroundColor.match(/\\d+/g).slice(0, 3))"
                .formatted(exists(selector)))
        .asInt();
  }

  @ParameterizedTest
  @EnumSource
  void keyboardsAndNotchesLeaveRoomAndThePageIsInstallable(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = adaWithThirtyMessages(screen, bob);
    Browser.Tab tab = ada.tab();
    String view = // what a row, the first or the last one in sight, has to do with the window
        "[document.getElementById('messages').clientHeight, innerHeight -"
            + " document.querySelector('.composer').getBoundingClientRect().bottom,"
            + " document.querySelector('.conversation-bar').getBoundingClientRect().top,"
            + " document.querySelector('.composer').getBoundingClientRect().top -"
            + " [...document.querySelectorAll('.message')].at(-1).getBoundingClientRect().bottom]"
            + ".map(Math.round).join()";
    ada.type("a\nb\nc\nd\ne\nf");
    Emulation.height(tab, screen, PHONE_WITH_KEYBOARD);
    tab.until("innerHeight === " + PHONE_WITH_KEYBOARD);
    tab.until("document.querySelector('.room').offsetHeight === " + PHONE_WITH_KEYBOARD);
    String[] told = tab.run(view).asString().split(",");
    assertThat(Integer.parseInt(told[0])).as("messages").isGreaterThan(LEAST_OF_MESSAGES);
    assertThat(told[1]).as("below the composer").isEqualTo("0");
    assertThat(told[2]).as("above the header").isEqualTo("0");
    // who was at the end is at the end
    tab.until("(([, , , gap]) => gap >= 0 && gap < 40)(%s.split(',').map(Number))".formatted(view));
    ada.show("keyboard");
    tab.run("document.getElementById('text').select()");
    tab.insert("short");
    tab.run("document.getElementById('write').requestSubmit()");
    ada.seesMessages(32);
    tab.until("(([, , , gap]) => gap >= 0 && gap < 40)(%s.split(',').map(Number))".formatted(view));
    Emulation.height(tab, screen, screen == Screen.PHONE ? 844 : 800);
    tab.until("document.querySelector('.room').offsetHeight > 700");

    Emulation.safeAreas(tab, 47, 34);
    tab.until("getComputedStyle(document.querySelector('.composer')).paddingBottom === '34px'");
    isBelow(tab, "#who", 47);
    isBelow(tab, screen == Screen.PHONE ? ".back" : "#me", 47);
    isAbove(tab, ".send", 34);
    ada.show("notch");
    ada.click("#who");
    tab.until(exists("dialog[open][data-name=person]"));
    isBelow(tab, "dialog [aria-label=Close]", 47);
    tab.pressEscape();
    tab.until(count("dialog", 0));
    Emulation.offline(tab, true);
    tab.until(exists(".banner.offline"));
    isBelow(tab, ".banner .icon", 47);
    Emulation.offline(tab, false);

    JsonNode manifest = tab.command("Page.getAppManifest", JsonObjects.object());
    assertThat(manifest.get("errors")).isEmpty();
    JsonNode faults =
        tab.command("Page.getInstallabilityErrors", JsonObjects.object())
            .get("installabilityErrors");
    // as each window of a test has a profile that forgets
    assertThat(faults.findValuesAsString("errorId")).isSubsetOf("in-incognito");
    assertThat(
            tab.run(
                    """
                    fetch("/manifest.webmanifest").then((reply) => reply.json()).then(({ icons }) =>
                      Promise.all(icons.filter(({ type }) => type === "image/png").map(async ({ src, sizes }) => {
                        const { width, height } = await createImageBitmap(await (await fetch(src)).blob());
                        return `${width}x${height}` === sizes;
                      }))).then((right) => right.join())""")
                .asString())
        .isEqualTo("true,true");
  }

  private static void isBelow(Browser.Tab tab, String selector, int pixels) {
    int top =
        tab.run("Math.round(%s.getBoundingClientRect().top)".formatted(exists(selector))).asInt();
    assertThat(top).as(selector).isGreaterThanOrEqualTo(pixels);
  }

  private static void isAbove(Browser.Tab tab, String selector, int pixels) {
    int room =
        tab.run(
                "Math.round(innerHeight - %s.getBoundingClientRect().bottom)"
                    .formatted(exists(selector)))
            .asInt();
    assertThat(room).as(selector).isGreaterThanOrEqualTo(pixels);
  }

  @ParameterizedTest
  @EnumSource
  void withoutANetworkOneReadsAndWritesOn(Screen screen) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    WORLD.say(bob, "ada", "from bob");
    WORLD.say(carol, "ada", "from carol");
    ChatPage ada = WORLD.blank(screen);
    ada.tab().runFirst(Emulation.SOCKETS_THAT_CAN_BE_CUT);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    Browser.Tab tab = ada.tab();
    tab.until("navigator.serviceWorker.controller"); // has the page
    tab.until("!document.querySelector('.item[aria-current] .badge')");
    Browser.Tab worker = tab.serviceWorker();
    Emulation.offline(tab, true);
    Emulation.offline(worker, true);
    tab.run("cutSockets()");
    ada.sees(".banner", "You are offline.");
    ada.isAccessible("offline");
    ada.say("written without a network");
    tab.until(count(".message.pending", 1));
    tab.reload();
    ada.sees(".banner", "You are offline.");
    ada.seesMessages(1);
    tab.until(count(".message.pending", 1));
    ada.back();
    ada.open(WORLD.name("carol")); // for the first time
    ada.tab().until(exists(".message") + " || " + exists(".middle"));
    ada.show("first-opened-offline");
    ada.say("to carol");
    tab.until(count(".message.pending", 1));
    WORLD.say(carol, "ada", "meanwhile");

    Emulation.offline(worker, false);
    Emulation.offline(tab, false);
    tab.until("!document.querySelector('.banner')");
    ada.seesMessages(3);
    assertThat(tab.run(ChatPage.SHOWN).asString()).isEqualTo("from carol,meanwhile,to carol");
    assertThat(bob.next("message").get("text").asString()).isEqualTo("written without a network");
    assertThat(carol.next("message").get("text").asString()).isEqualTo("to carol");
    tab.until(FIELD + ".value === ''");
  }
}
