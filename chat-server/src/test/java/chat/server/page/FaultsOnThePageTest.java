package chat.server.page;

import static chat.server.page.ChatPage.FIELD;
import static chat.server.page.ChatPage.SHOWN;
import static chat.server.page.ChatPage.count;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.PushService;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.node.ObjectNode;

/** The page when the server, a peer, the browser or an address does what it should not. */
@Tag("thorough")
@Timeout(180)
final class FaultsOnThePageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld("--push-private-addresses=true");

  /**
   * A connection in the hands of the test: {@code sockets}, {@code silent} (no message goes out),
   * {@code answer(request)} in place of the server's, and {@code alter(text)}, what the page gets
   * in place of a frame.
   */
  private static final String CONNECTION =
      """
      window.sockets = [];
      window.WebSocket = class extends WebSocket {
        constructor(...all) {
          super(...all);
          sockets.push(this);
        }
        send(text) {
          const request = JSON.parse(text);
          const faked = window.answer?.(request);
          if (faked) this.say({ data: JSON.stringify({ type: "ok", id: request.id, ...faked }) });
          else if (!(window.silent && text.includes('"type":"send"'))) super.send(text);
        }
        set onmessage(listener) {
          this.say = listener;
          super.onmessage = ({ data }) => listener({ data: window.alter?.(data) ?? data });
        }
      };
      """;

  private static final String KEEPS_NOTHING =
      """
      IDBFactory.prototype.open = () => { throw new DOMException("forbidden", "SecurityError"); };
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
      """;

  private static final String END_FOR_GOOD = "sockets.at(-1).onclose({ code: 1008 })";

  /** Ada on the page, in a browser that a script has changed, before what Bob has said to her. */
  private static ChatPage adaWithBob(String script) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    WORLD.befriend(bob, "ada");
    WORLD.say(bob, "ada", "hello");
    ChatPage ada = WORLD.blank(Screen.DESKTOP);
    ada.tab().runFirst(script);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    return ada;
  }

  /** Notes what the list of conversations says while it is not known yet. */
  private static final String LISTS =
      """
      globalThis.early = [];
      new MutationObserver(() => {
        for (const one of document.querySelectorAll(".nobody, #people")) early.push(one.textContent);
      }).observe(document, { childList: true, subtree: true });
      """;

  @Test
  void theListSaysNothingOfPeopleBeforeItIsKnown() throws Exception {
    assertThat(adaWithBob(LISTS).tab().run("early.join()").asString()).isEmpty();
  }

  @Test
  void aTextStaysWhereItWasWrittenWhenTheServerHasEndedTheConnection() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION);
    ada.tab().run(END_FOR_GOOD);
    ada.sees(".banner", "ended the connection");
    ada.isAccessible("disconnected");
    ada.say("precious");
    ada.sees(".toast.error", "Not sent");
    assertThat(ada.tab().run(FIELD + ".value").asString()).isEqualTo("precious");
    ada.clickText(".banner .link", "Connect again");
    ada.isIn();
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.seesMessages(2);
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("hello,precious");
    assertThat(ada.tab().run(FIELD + ".value").asString()).isEmpty();
  }

  @Test
  void whatWasOnItsWayIsBackWhereItWasWrittenInABrowserThatKeepsNothing() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION + KEEPS_NOTHING);
    ada.tab().run("window.silent = true");
    ada.say("one");
    ada.tab().until(count(".message.pending", 1));
    ada.say("two");
    ada.tab().until(count(".message.pending", 2));
    ada.type("three");
    ada.tab().run(END_FOR_GOOD);
    ada.tab().until(FIELD + ".value === 'one\\ntwo\\nthree'");
    ada.sees(".toast.error", "back where you wrote it");
  }

  /** Every message in every frame has fields that make no sense. */
  private static final String HOSTILE =
      """
      const spoil = (value) => {
        if (!value || typeof value !== "object") return value;
        for (const one of Object.values(value)) spoil(one);
        if ("seq" in value && "text" in value) {
          Object.assign(value, {
            created_at: "never", edited_at: 7, mentions: "x", attachments: { length: 2 },
            reply_preview: { seq: 1 }, reactions: [null], forward_of: 7, attributes: "x",
          });
        }
        return value;
      };
      window.alter = (text) => JSON.stringify(spoil(JSON.parse(text)));
      """;

  /** What cannot be drawn is shown as such, and everything else as ever. */
  private static final String CANNOT_DRAW =
      """
      const { split } = String.prototype;
      String.prototype.split = function (...all) {
        if (String(this) === "poison" && all[0] === "\\n") throw new Error("poison");
        return split.apply(this, all);
      };
      """;

  @Test
  void aServerThatSendsBadFieldsDoesNotStopThePage() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION + HOSTILE);
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("hello");
    ada.say("hello yourself");
    ada.seesMessages(2);
    ada.tab().until(count(".message.pending", 0));
  }

  @Test
  void aRowThatCannotBeDrawnIsShownAsSuchAndTheOthersAreThere() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION + CANNOT_DRAW);
    ada.say("poison");
    ada.sees(".row.note", "This message cannot be shown.");
    ada.say("and on");
    ada.seesMessages(2);
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("hello,and on");
  }

  @Test
  void badAddressesAreSaidToBeSo() throws Exception {
    ChatPage ada = adaWithBob("");
    String bob = ada.tab().run("location.hash").asString();
    for (String broken : new String[] {"#/c/%", "#/u/%E0%A4", "#/join/%ZZ", "#/nowhere"}) {
      ada.tab().run("location.hash = '%s'; 0".formatted(broken));
      ada.sees(".empty h1", "Pick a conversation");
      ada.tab().reload();
      ada.isIn();
      ada.sees(".empty h1", "Pick a conversation");
    }
    ada.tab().run("location.hash = '#/c/123'; 0");
    ada.sees("#missing", "This conversation is not here");
    ada.tab().until(count("#write", 0));
    ada.isAccessible("missing");
    ada.tab().run("location.hash = '%s'; 0".formatted(bob));
    ada.seesMessages(1);
  }

  @Test
  void whoIsRemovedFromAGroupStillHasWhatTheyWroteThere() throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatPage ada = WORLD.onPage(Screen.PHONE, "ada");
    WORLD.befriend(bob, "ada");
    String group = group(bob, "ada");
    ada.open(WORLD.name("hikers"));
    ada.type("not yet sent");
    ObjectNode fields = JsonObjects.object().put("conversation_id", group);
    fields.putArray("members").add(WORLD.name("ada"));
    PageWorld.ask(bob, "remove_members", fields);
    ada.sees("#missing", "not in it any more");
    ada.tab().until("document.querySelector('#missing textarea').value === 'not yet sent'");
    ada.isAccessible("removed");
    ada.clickText("#missing .button", "Back to the conversations");
    ada.tab().until(count("#conversations .item", 0));
  }

  /** A group with these people in it. */
  private static String group(ChatClient owner, String... people) throws Exception {
    ObjectNode fields =
        JsonObjects.object().put("name", WORLD.name("hikers")).put("client_group_id", "hikers");
    for (String person : people) {
      fields.withArray("members").add(WORLD.name(person));
    }
    return PageWorld.ask(owner, "create_group", fields).get("conversation_id").asString();
  }

  @Test
  void anOwnerHandsTheGroupOverAndCanLeaveThen() throws Exception {
    ChatClient ada = WORLD.atProtocol("ada");
    ChatClient.registered(WORLD.server(), WORLD.name("bob"));
    ChatClient.registered(WORLD.server(), WORLD.name("carol"));
    WORLD.befriend(ada, "bob");
    WORLD.befriend(ada, "carol");
    ObjectNode role = JsonObjects.object().put("conversation_id", group(ada, "bob", "carol"));
    role.put("role", "admin").putArray("members").add(WORLD.name("carol"));
    PageWorld.ask(ada, "set_role", role);
    ChatPage page = WORLD.blank(Screen.DESKTOP);
    page.tab().go(WORLD.url());
    page.signIn(WORLD.name("ada"));
    page.open(WORLD.name("hikers"));
    page.click("#who");
    page.sees("#stays", "first make somebody else its owner");
    page.tab().until(count("#members [aria-haspopup=menu]", 2));
    page.click("[aria-label='Actions for %s']".formatted(WORLD.name("bob")));
    page.clickText(".menu-item", "Make the owner");
    page.isAccessible("hand-over");
    page.clickText("dialog[data-name=confirm] .button", "Make the owner");
    // now an admin, who rules neither over the owner nor over another admin
    page.tab().until(count("#members [aria-haspopup=menu]", 0));
    page.clickText("dialog[data-name=group] .action", "Leave the group");
    page.clickText("dialog[data-name=confirm] .button", "Leave");
    page.tab().until(count("#conversations .item", 0));
  }

  @Test
  void whatOneWritesWhileEditingOrAnsweringOutlivesAReload() throws Exception {
    ChatPage ada = adaWithBob("");
    ada.say("first try");
    ada.seesMessages(2);
    ada.tab().until(count(".message.pending", 0));
    ada.type("a draft");
    ada.choose(".message.own", "Edit");
    ada.tab().until(FIELD + ".value === 'first try'");
    ada.type(" and more");
    ada.tab().run("location.hash = '#/'; 0");
    ada.sees(".empty h1", "Pick a conversation");
    ada.open(WORLD.name("bob"));
    ada.tab().until(FIELD + ".value === 'first try and more'");
    ada.tab().reload();
    ada.isIn();
    ada.sees("#about", "Edit message");
    ada.tab().until(FIELD + ".value === 'first try and more'");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.sees(".message.own .text", "first try and more");
    ada.tab().until(FIELD + ".value === 'a draft'");

    ada.choose(".message:not(.own)", "Reply");
    ada.sees("#about", "Reply to");
    ada.tab().reload();
    ada.isIn();
    ada.sees("#about", "Reply to");
    ada.tab().until(FIELD + ".value === 'a draft'");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.sees(".message.own .quote", "hello");
    ada.tab().until(count("#about", 0));
  }

  private static final String SUBSCRIBES =
      """
      PushManager.prototype.subscribe = async () => ({ toJSON: () => (%s) });
      """;

  private static final String SWITCH = "dialog[data-name=settings] section:nth-of-type(3) input";

  @Test
  void notificationsBelongToAUserAndEndWithTheSignOut() throws Exception {
    try (PushService push = new PushService()) {
      ChatClient.registered(WORLD.server(), WORLD.name("ada"));
      ChatClient.registered(WORLD.server(), WORLD.name("bob"));
      String subscribes = SUBSCRIBES.formatted(push.subscription());
      ChatPage ada = WORLD.blank(Screen.DESKTOP);
      ada.tab().permit("notifications");
      ada.tab().runFirst(subscribes);
      ada.tab().go(WORLD.url());
      ada.signIn(WORLD.name("ada"));
      switchNotifications(ada);
      ada.tab().until(isSwitched("on"));

      Browser.Tab second = ada.tab().beside(WORLD.url());
      second.runFirst(subscribes);
      ChatPage bob = new ChatPage(second, Screen.DESKTOP).isIn(); // with the login of the first one
      second.run("sessionStorage.clear(); localStorage.removeItem('chat-session')");
      second.reload();
      bob.signIn(WORLD.name("bob"));
      bob.click("#me");
      second.until(isSwitched("off"));
      bob.click(SWITCH); // this browser has one registration
      second.until(isSwitched("on"));
      ada.tab().until(isSwitched("off"));

      bob.click("#out");
      bob.clickText("dialog[data-name=confirm] .button", "Sign out");
      bob.signIn(WORLD.name("bob"));
      bob.click("#me");
      second.until(isSwitched("off"));
    }
  }

  private static void switchNotifications(ChatPage page) {
    page.tab().until("navigator.serviceWorker.controller");
    page.click("#me");
    page.click(SWITCH);
  }

  private static String isSwitched(String state) {
    return "document.querySelector('%s')?.checked === %s".formatted(SWITCH, state.equals("on"));
  }

  /** A group as it looks with 2,501 others, of whom the last one has received nothing. */
  private static final String LARGE_GROUP =
      """
      const others = Array.from({ length: 2501 }, (_, i) => "m" + String(i).padStart(4, "0"));
      window.asked = [];
      window.answer = ({ type, after, limit = 1000 }) => {
        asked.push(type);
        if (type !== "members") return undefined;
        const from = others.findIndex((name) => !(name <= after));
        const members = others.slice(from, from + limit).map((username) =>
          ({ username, role: "member", received_seq: username === "m2500" ? 0 : 99, read_seq: 0 }));
        return { rev: 1, members, has_more: from + limit < others.length };
      };
      """;

  @Test
  void ofALargeGroupAllMembersCount() throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    WORLD.befriend(bob, "ada");
    group(bob, "ada");
    ChatPage ada = WORLD.blank(Screen.DESKTOP);
    ada.tab().runFirst(CONNECTION + LARGE_GROUP);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("hikers"));
    ada.sees(".who-more", "2501 members");
    ada.say("hello all");
    ada.seesMessages(1);
    ada.sees(".message .tick", "Sent");
    ada.click("#who");
    ada.sees("dialog[data-name=group]", "2501 members");
    ada.tab().until(count("#members .person", 200));
    ada.clickText("dialog[data-name=group] .button", "Show more members");
    ada.tab().until(count("#members .person", 400));
    assertThat(ada.tab().run("asked.filter((type) => type === 'profiles').length").asInt())
        .isLessThan(20);
  }

  private static final String AWAY =
      """
      window.notified = [];
      Object.defineProperty(document, "hidden", { get: () => window.away === true });
      ServiceWorkerRegistration.prototype.showNotification = async (title) => void notified.push(title);
      """;

  @Test
  void aMuteIsCompleteAlsoForMentions() throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    String group = group(bob, "ada");
    ChatPage ada = WORLD.blank(Screen.DESKTOP);
    ada.tab().permit("notifications");
    ada.tab().runFirst(AWAY);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.tab().until("navigator.serviceWorker.controller");
    ada.open(WORLD.name("hikers"));
    ada.chooseOfConversation("Mute for good");
    ada.sees("#conversations .mark", "muted");
    ada.tab().run("window.away = true");
    ObjectNode mention =
        JsonObjects.object()
            .put("conversation_id", group)
            .put("client_message_id", "mention")
            .put("text", "@" + WORLD.name("ada"));
    mention.putArray("mentions").add(WORLD.name("ada"));
    PageWorld.ask(bob, "send", mention);
    ada.seesMessages(1);
    WORLD.say(carol, "ada", "and you?");
    ada.tab().until("notified.length > 0");
    assertThat(ada.tab().run("notified.join()").asString()).isEqualTo(WORLD.name("carol"));
  }

  @Test
  void whatHasFailedIsNotShownAsDone() throws Exception {
    ChatPage ada =
        adaWithBob(CONNECTION + "Object.defineProperty(navigator, 'clipboard', { value: {} });");
    ada.choose(".message", "Copy text");
    ada.sees(".toast.error", "Not copied");
    ada.tab().until(count(".toast", 1));
    ada.click("#me");
    String receipts = "dialog[data-name=settings] section:nth-of-type(4) input[role=switch]";
    ada.tab().until("document.querySelector('%s')?.checked".formatted(receipts));
    ada.tab()
        .run(
            "window.alter = (text) => { const frame = JSON.parse(text); return frame.type === 'ok'"
                + " ? JSON.stringify({ ...frame, type: 'error', code: 'busy', message: 'no' }) : text; }; 0");
    ada.click(receipts);
    ada.tab().until(count(".toast.error", 2));
    ada.tab().until("document.querySelector('%s').checked".formatted(receipts));
  }

  @Test
  void whoIsSignedOutElsewhereCanCopyWhatTheBrowserDoesNotKeep() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION + KEEPS_NOTHING);
    ada.say("mine");
    ada.seesMessages(2);
    ada.tab().run("window.silent = true");
    ada.say("on its way");
    ada.tab().until(count(".message.pending", 1));
    ada.type("half a tho");
    ada.tab().run("sockets.at(-1).onclose({ code: 4403 })");
    ada.sees("#signed-out", "copy it before you go on");
    ada.tab().until(count(".message.own", 1)); // is still hers
    ada.tab().until(FIELD + ".value === 'on its way\\nhalf a tho'");
    ada.isAccessible("signed-out");
  }

  @Test
  void whoIsSignedOutElsewhereFindsWhatTheBrowserHasKept() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION);
    ada.tab().run("window.silent = true");
    ada.say("on its way");
    ada.tab().until(count(".message.pending", 1));
    ada.type("half a tho");
    ada.tab().run("sockets.at(-1).onclose({ code: 4403 })");
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(2);
    ada.tab().until(FIELD + ".value === 'half a tho'");
  }

  /** A server of the time before most of what there is: it knows few fields and few requests. */
  private static final String OLDER =
      """
      const unknown = ["profiles", "contact_requests", "blocked", "presence", "pins", "privacy", "typing", "received"];
      window.answer = ({ type }) => unknown.includes(type) ? { type: "error", code: "bad_request", message: "" } : undefined;
      const later = ["announcements", "limits", "preferences", "unread_mentions", "pinned", "first_seq", "mentions",
        "reactions", "attributes", "received_seq", "role", "change", "server_time", "heartbeat_seconds", "display_name", "online"];
      window.alter = (text) => JSON.stringify(JSON.parse(text), (key, value) => later.includes(key) ? undefined : value);
      """;

  /**
   * A server of a later time: what it says has fields, events, kinds and codes that nobody knows
   * yet.
   */
  private static final String NEWER =
      """
      const all = (value) => Array.isArray(value) ? value.map(all) : value && typeof value === "object"
        ? { ...Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === "role" ? "keeper" : all(one)])), from_the_future: { deep: [1] } } : value;
      window.alter = (text) => JSON.stringify(all(JSON.parse(text)));
      window.answer = ({ type }) => type === "privacy" ? { type: "error", code: "from_the_future", message: "" } : undefined;
      window.later = (id) => {
        for (const frame of [
          { type: "poll", conversation_id: id, seq: 1 },
          { type: "conversation", conversation_id: id, kind: "direct", change: { kind: "sparkled", rev: 1, at_seq: 1, usernames: 7, by: { name: "x" } } },
          { type: "conversation", conversation_id: "77", kind: "channel", name: "news from the future", peers: [] },
          { type: "receipt", conversation_id: id, username: "x", kind: "tasted", seq: 1 },
          { type: "announcement", id: "1", text: "later", kind: "disco", at: "soon", until: "9999-12-31T00:00:00Z" },
        ]) sockets.at(-1).say({ data: JSON.stringify(frame) });
      };
      """;

  @Test
  void aServerOfAnEarlierTimeDoesNotStopThePage() throws Exception {
    goesOn(adaWithBob(CONNECTION + OLDER));
  }

  @Test
  void aServerOfALaterTimeDoesNotStopThePage() throws Exception {
    ChatPage ada = adaWithBob(CONNECTION + NEWER);
    ada.tab().run("later(location.hash.split('/')[2])");
    ada.sees(".announcement", "later");
    ada.sees("#conversations", "news from the future");
    ada.click("#me");
    ada.sees(".toast.error", "Something went wrong.");
    ada.tab().pressEscape();
    goesOn(ada);
  }

  private static void goesOn(ChatPage ada) throws Exception {
    ada.say("still here");
    ada.seesMessages(2);
    ada.tab().until(count(".message.pending", 0));
    ada.tab().run("sockets.at(-1).onclose({ code: 1006 })");
    ada.say("and again");
    ada.seesMessages(3);
    ada.tab().until(count(".message.pending", 0));
    assertThat(ada.tab().run(SHOWN).asString()).isEqualTo("hello,still here,and again");
    ada.click("#who");
    ada.sees("dialog[data-name=person] h3", WORLD.name("bob"));
  }
}
