package chat.server.page;

import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.PushService;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * Notifications, from the switch in the settings to the click. The push service of the browser's
 * maker cannot be reached here; {@link PushService} stands in for it, and what it has received is
 * handed to the service worker as the browser would.
 */
@Tag("thorough")
@Timeout(180)
final class NotificationsTest {
  private static final String SWITCH = "dialog[data-name=settings] section:nth-of-type(3) input";

  private static final String SUBSCRIBES =
      """
      PushManager.prototype.subscribe = async function (options) {
        window.subscribedWith = options;
        return { toJSON: () => (%s) };
      };""";

  @RegisterExtension
  static final PageWorld WORLD =
      new PageWorld("--push-private-addresses=true", "--push-delay-millis=300");

  @ParameterizedTest
  @EnumSource
  void whatComesWhileThePageIsClosedIsShownAndAClickOpensIt(Screen screen) throws Exception {
    try (PushService push = new PushService()) {
      ChatClient.registered(WORLD.server(), WORLD.name("ada"));
      ChatClient bob = WORLD.atProtocol("bob");
      WORLD.befriend(bob, "ada");
      ChatPage ada = WORLD.blank(screen);
      Browser.Tab tab = ada.tab();
      tab.permit("notifications");
      tab.runFirst(SUBSCRIBES.formatted(push.subscription()));
      tab.go(WORLD.url());
      ada.signIn(WORLD.name("ada"));
      tab.until("navigator.serviceWorker.controller");
      ada.click("#me");
      ada.click(SWITCH);
      tab.until("localStorage.getItem('chat-push-device')"); // the server has it
      tab.until("document.querySelector('%s').checked".formatted(SWITCH));
      ada.show("notifications-on");
      assertThat(tab.run("window.subscribedWith.userVisibleOnly").asBoolean()).isTrue();

      Browser.Tab worker = tab.serviceWorker();
      tab.command("Page.close", JsonObjects.object());
      String conversation =
          WORLD.say(bob, "ada", "Are you there?").get("conversation_id").asString();
      await().atMost(Duration.ofSeconds(40)).until(() -> !push.received().isEmpty());
      String payload = push.received().get(0).json().toString();
      deliver(worker, payload);
      worker.until(
          "registration.getNotifications().then((all) => all.length === 1"
              + " && all[0].body === 'Are you there?' && all[0].title === '%s')"
                  .formatted(WORLD.name("bob")));

      worker.run(click("clients.openWindow = async (address) => { self.opened = address; };"));
      worker.until("self.opened === '/#/c/%s'".formatted(conversation));
      worker.until("registration.getNotifications().then((all) => all.length === 0)");
      ChatPage again = new ChatPage(tab.beside(WORLD.url() + "#/c/" + conversation), screen);
      again.sees("#title", WORLD.name("bob"));
      again.sees(".message .text", "Are you there?");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClickWhileThePageIsOpenElsewhereGoesToTheConversation(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    String conversation = WORLD.say(bob, "ada", "hello").get("conversation_id").asString();
    ada.tab().permit("notifications");
    ada.tab().until("navigator.serviceWorker.controller");
    Browser.Tab worker = ada.tab().serviceWorker();
    ObjectNode payload = JsonObjects.object().put("badge", 1);
    ObjectNode notification =
        payload.putArray("notifications").addObject().put("conversation_id", conversation);
    notification.put("kind", "direct").put("unread", 1);
    deliver(worker, payload.toString());
    worker.until("self.delivered"); // and nothing is shown: the page is before one's eyes
    assertThat(worker.run("registration.getNotifications().then((all) => all.length)").asInt())
        .isZero();

    worker.run(
        "registration.showNotification('bob', { data: { conversation_id: '%s' } }).then(() => 0)"
            .formatted(conversation));
    worker.run(click("WindowClient.prototype.focus = async function () { return this; };"));
    ada.sees("#title", WORLD.name("bob"));
    ada.seesMessages(1);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasReadElsewhereIsTakenBack(Screen screen) throws Exception {
    ChatPage ada = WORLD.onPage(screen, "ada");
    ChatClient phone = new ChatClient(WORLD.server());
    phone.logIn(WORLD.name("ada") + "@example.org", "correct horse");
    phone.connect();
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    String conversation = WORLD.say(bob, "ada", "hello").get("conversation_id").asString();
    ada.sees(".item", WORLD.name("bob"));
    ada.tab().permit("notifications");
    ada.tab().until("navigator.serviceWorker.controller");
    Browser.Tab worker = ada.tab().serviceWorker();
    for (String tag : List.of(conversation, "another")) {
      worker.run(
          "registration.showNotification('bob', { tag: '%s' }).then(() => 0)".formatted(tag));
    }
    worker.until(shown("another", conversation));
    PageWorld.ask(
        phone, "read", JsonObjects.object().put("conversation_id", conversation).put("seq", 1));
    worker.until(shown("another"));

    ObjectNode payload = JsonObjects.object().put("badge", 1);
    payload.putArray("notifications").addObject().put("conversation_id", "third").put("unread", 1);
    worker.run("self.clients.matchAll = async () => []"); // the page is closed
    deliver(worker, payload.toString());
    worker.until(shown("third"));
    deliver(worker, payload.put("badge", 3).toString().replace("third", "fourth"));
    worker.until(shown("fourth", "third"));
  }

  private static String shown(String... tags) {
    return "registration.getNotifications().then((all) => all.map(({ tag }) => tag).sort().join() === '%s')"
        .formatted(Stream.of(tags).sorted().collect(Collectors.joining(",")));
  }

  @ParameterizedTest
  @EnumSource
  void whereTheBrowserForbidsItTheSwitchSaysSo(Screen screen) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatPage ada = WORLD.blank(screen);
    ada.tab()
        .runFirst(
            """
            Notification.requestPermission = async () => "denied";
            Object.defineProperty(Notification, "permission", { get: () => window.asked ?? "default" });
            """);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.click("#me");
    ada.tab().until(exists(SWITCH));
    ada.tab().run("window.asked = 'denied'");
    ada.click(SWITCH);
    ada.sees("dialog[data-name=settings]", "This browser forbids it for this page");
    ada.tab().until("document.querySelector('%s').disabled".formatted(SWITCH));
    assertThat(ada.tab().run("document.querySelector('%s').checked".formatted(SWITCH)).asBoolean())
        .isFalse();
    ada.isAccessible("notifications-forbidden");
  }

  /** As the browser wakes the worker up; only it can make events that a worker may wait for. */
  private static void deliver(Browser.Tab worker, String payload) {
    worker.run(
        """
        (async () => {
          const event = new PushEvent("push", { data: %s });
          const waits = [];
          Object.defineProperty(event, "waitUntil", { value: (work) => waits.push(work) });
          self.dispatchEvent(event);
          await Promise.all(waits);
          self.delivered = true;
        })()"""
            .formatted(JsonObjects.object().stringNode(payload)));
  }

  private static String click(String before) {
    return """
    (async () => {
      %s
      const [notification] = await registration.getNotifications();
      const event = new NotificationEvent("notificationclick", { notification });
      const waits = [];
      Object.defineProperty(event, "waitUntil", { value: (work) => waits.push(work) });
      self.dispatchEvent(event);
      await Promise.all(waits);
    })()"""
        .formatted(before);
  }
}
