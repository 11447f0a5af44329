package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What people see of each other on the page: who is here, who writes, who wants to be a contact,
 * how somebody is called, and what they keep to themselves.
 */
@Tag("thorough")
@Timeout(180)
final class PeopleOnThePageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld("--contacts=request");

  private static void befriend(ChatClient one, ChatClient other) throws Exception {
    for (ChatClient[] pair : new ChatClient[][] {{one, other}, {other, one}}) {
      pair[0].call(
          "POST", "/v1/contact/add", JsonObjects.object().put("friend_username", pair[1].name()));
    }
  }

  private static ObjectNode typing(String conversation, boolean on) {
    return JsonObjects.object().put("conversation_id", conversation).put("on", on);
  }

  @ParameterizedTest
  @EnumSource
  void oneSeesWhoIsHereAndWhoWrites(Screen screen) throws Exception {
    ChatClient account = ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    befriend(account, bob);
    String conversation = WORLD.say(bob, "ada", "hello").get("conversation_id").asString();
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.sees(".who-more", "online");
    ada.tab().until(count(".who .online-dot", 1));

    PageWorld.ask(bob, "typing", typing(conversation, true));
    ada.sees("#typing", "typing …");
    ada.sees(".item .writes", "typing …");
    ada.isAccessible("typing");
    PageWorld.ask(bob, "typing", typing(conversation, false));
    ada.sees(".who-more", "online");
    ada.tab().until(count(".writes", 0));
    ada.type("I ");
    ObjectNode told = bob.next("typing");
    assertThat(told.get("username").asString()).isEqualTo(WORLD.name("ada"));
    assertThat(told.get("on").asBoolean()).isTrue();

    bob.disconnect();
    ada.sees(".who-more", "last seen just now");
    ada.tab().until(count(".online-dot", 0));
    ChatClient again = new ChatClient(WORLD.server());
    again.logIn(bob.name() + "@example.org", "correct horse");
    again.connect();
    ada.sees(".who-more", "online");
    ada.click("#who");
    ada.sees("dialog[data-name=person] .presence", "online");
    ada.isAccessible("person");
    again.disconnect();
  }

  @ParameterizedTest
  @EnumSource
  void anotherNameOfSomebodyIsShownAMinuteLaterWithWhatTheyWrite(Screen screen) throws Exception {
    ChatClient account = ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    befriend(account, bob);
    WORLD.say(bob, "ada", "hello");
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.seesMessages(1);
    ada.sees("#title", WORLD.name("bob"));
    PageWorld.ask(bob, "set_profile", JsonObjects.object().put("display_name", "Robert"));
    WORLD.say(bob, "ada", "who am I");
    ada.seesMessages(2);
    assertThat(ada.tab().run("document.querySelector('#title').textContent").asString())
        .isEqualTo(WORLD.name("bob"));
    ada.tab().run("{ const now = Date.now; Date.now = () => now() + 61_000 }");
    WORLD.say(bob, "ada", "and now");
    ada.sees("#title", "Robert");
    ada.sees(".item-title", "Robert");
    ada.seesMessages(3);
  }

  @ParameterizedTest
  @EnumSource
  void whoWantsToBeAContactIsAcceptedOrDeclined(Screen screen) throws Exception {
    ChatClient bob = WORLD.atProtocol("bob");
    ChatClient carol = WORLD.atProtocol("carol");
    ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    WORLD.befriend(bob, "ada");
    WORLD.befriend(carol, "ada");
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.sees(".requests", "2 contact requests");
    ada.click(".requests");
    ada.tab().until(count("dialog[data-name=requests] .person", 2));
    ada.isAccessible("requests");
    String row =
        "[...document.querySelectorAll('dialog .person')].find((one) =>"
            + " one.textContent.includes('%s'))";
    ada.tab().run(row.formatted(WORLD.name("bob")) + ".querySelector('.primary').click()");
    ada.tab().until(count("dialog[data-name=requests] .person", 1));
    ada.clickText("dialog[data-name=requests] .button", "Decline");
    ada.sees("dialog[data-name=requests]", "There are no more requests.");
    ada.click("dialog [aria-label=Close]");
    ada.tab().until(count(".requests", 0) + " && " + count("#people .item", 1));
    ada.sees("#people .item", WORLD.name("bob"));
    assertThat(bob.ask(JsonObjects.object().put("type", "contacts")).get("users")).hasSize(1);
    assertThat(carol.ask(JsonObjects.object().put("type", "contacts")).get("users")).isEmpty();

    ada.click("[aria-label='New conversation']");
    ada.submit("form[name=add]", "username", WORLD.name("carol"));
    ada.sees(".toast", WORLD.name("carol") + " has to accept first.");
    ada.tab().until(count("dialog", 0));
    PageWorld.ask(carol, "add_contact", JsonObjects.object().put("username", WORLD.name("ada")));
    ada.tab().until(count("#people .item", 2));

    ChatClient dave = WORLD.atProtocol("dave");
    ObjectNode toAda = JsonObjects.object().put("username", WORLD.name("ada"));
    PageWorld.ask(dave, "add_contact", toAda);
    ada.sees(".requests", "A contact request");
    PageWorld.ask(dave, "remove_contact", toAda);
    ada.tab().until(count(".requests", 0));
  }

  @ParameterizedTest
  @EnumSource
  void oneIsCalledAndShowsWhatOneLikes(Screen screen) throws Exception {
    ChatClient account = ChatClient.registered(WORLD.server(), WORLD.name("ada"));
    ChatClient bob = WORLD.atProtocol("bob");
    befriend(account, bob);
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("bob"));
    ada.say("first");
    String conversation = bob.next("message").get("conversation_id").asString();
    ada.sees(".who-more", "online");
    ada.back();
    ada.click("#me");
    ada.submit("form[name=profile]", "display_name", "  Ada Lovelace ");
    ada.sees(".toast", "Saved.");
    ada.sees(".me-name", "Ada Lovelace");
    ObjectNode names = JsonObjects.object();
    names.putArray("usernames").add(WORLD.name("ada"));
    assertThat(PageWorld.ask(bob, "profiles", names).at("/profiles/0/display_name").asString())
        .isEqualTo("Ada Lovelace");

    ada.click("dialog [name=last_seen][value=nobody]");
    await().until(() -> !presence(bob, "ada").get("online").asBoolean());
    assertThat(presence(bob, "ada").hasNonNull("last_seen_at")).isFalse();
    ada.click("dialog .switch [role=switch]:is(section:has([name=last_seen]) *)");
    await().until(() -> privacy(account).get("read_receipts").asBoolean(), is -> !is);
    ada.submit("form[name=profile]", "display_name", "");
    ada.sees(".me-name", WORLD.name("ada"));
    ada.click("dialog [aria-label=Close]");
    ada.tab().until(count("dialog", 0));

    PageWorld.ask(
        bob, "read", JsonObjects.object().put("conversation_id", conversation).put("seq", 1));
    WORLD.say(bob, "ada", "second");
    ada.open(WORLD.name("bob"));
    ada.seesMessages(2);
    ada.tab().until("!document.querySelector('.item .badge')"); // is read
    ada.tab().reload();
    ada.isIn();
    ada.seesMessages(2);
    ada.sees(".who-more", "offline"); // who hides it does not see it
    ada.tab().until(exists(".own .tick.delivered"));
    ObjectNode members = JsonObjects.object().put("conversation_id", conversation);
    for (var member : PageWorld.ask(bob, "members", members).get("members")) {
      if (member.get("username").asString().equals(WORLD.name("ada"))) {
        assertThat(member.path("read_seq").asInt(0)).isZero();
      }
    }
  }

  private static ObjectNode presence(ChatClient client, String person) throws Exception {
    ObjectNode names = JsonObjects.object();
    names.putArray("usernames").add(WORLD.name(person));
    return (ObjectNode) PageWorld.ask(client, "presence", names).at("/users/0");
  }

  private static ObjectNode privacy(ChatClient account) throws Exception {
    ChatClient other = new ChatClient(WORLD.server());
    other.logIn(account.name() + "@example.org", "correct horse");
    other.connect();
    ObjectNode told = PageWorld.ask(other, "privacy", JsonObjects.object());
    other.disconnect();
    return told;
  }
}
