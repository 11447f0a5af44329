package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ChatClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What admins and members of a group do on the page: Ada owns one, on the page; Bob and Carol are
 * in it, at the protocol or on a page.
 */
@Tag("thorough")
@Timeout(180)
final class GroupsOnThePageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld("--edit-history=true");

  private ChatClient bob;
  private ChatClient carol;
  private String group;

  private ChatPage adaInHerGroup(Screen screen) throws Exception {
    ChatClient owner = WORLD.atProtocol("ada");
    bob = WORLD.atProtocol("bob");
    carol = WORLD.atProtocol("carol");
    WORLD.befriend(owner, "bob");
    WORLD.befriend(owner, "carol");
    ObjectNode fields = JsonObjects.object().put("name", WORLD.name("hikers"));
    fields.put("client_group_id", "hikers").putArray("members").add(bob.name()).add(carol.name());
    group = PageWorld.ask(owner, "create_group", fields).get("conversation_id").asString();
    owner.disconnect();
    ChatPage ada = WORLD.blank(screen);
    ada.tab().go(WORLD.url());
    ada.signIn(WORLD.name("ada"));
    ada.open(WORLD.name("hikers"));
    return ada;
  }

  private ObjectNode here() {
    return JsonObjects.object().put("conversation_id", group);
  }

  private ObjectNode say(ChatClient client, String text) throws Exception {
    return client.ask(
        here()
            .put("type", "send")
            .put("client_message_id", "c" + System.nanoTime())
            .put("text", text));
  }

  private static void choose(ChatPage page, ChatClient member, String action) {
    page.click("[aria-label='Actions for %s']".formatted(member.name()));
    page.clickText(".menu-item", action);
  }

  @ParameterizedTest
  @EnumSource
  void adminsAreMadeAndMembersAreSilencedAndEverybodyMayLeave(Screen screen) throws Exception {
    ChatPage ada = adaInHerGroup(screen);
    PageWorld.ask(bob, "typing", here().put("on", true));
    ada.sees("#typing", bob.name() + " is typing …");
    PageWorld.ask(carol, "typing", here().put("on", true));
    ada.sees("#typing", "are typing …");
    ada.click("#who");
    choose(ada, bob, "Make an admin");
    ada.sees(
        "#members .person:has([aria-label='Actions for %s']) .role".formatted(bob.name()), "admin");
    ada.sees(".note", "You made " + bob.name() + " an admin");
    assertThat(bob.next("conversation").at("/change/role").asString()).isEqualTo("admin");
    choose(ada, bob, "Make a member");
    ada.tab().until(count("#members .role", 1));
    choose(ada, carol, "Remove");
    ada.tab().until(count("#members .person", 2));
    assertThat(say(carol, "still?").get("type").asString()).isEqualTo("error");
    choose(ada, bob, "Silence for an hour");
    ada.sees(".note:last-child", "You silenced " + bob.name());

    ChatPage page = WORLD.blank(screen);
    page.tab().go(WORLD.url());
    page.signIn(bob.name());
    page.open(WORLD.name("hikers"));
    page.say("hush?");
    page.sees(".failed .reason", "Not sent: ");
    page.isAccessible("not-sent");
    choose(ada, bob, "Let write again");
    ada.sees(".note:last-child", "You let %s write again".formatted(bob.name()));
    page.clickText(".failed .link", "Try again");
    ada.seesMessages(1);
    ada.tab().pressEscape();
    ada.tab().until(count("dialog", 0));
    page.click("#who");
    page.tab().until(count("#members .person", 2));
    page.tab().until(count("dialog .fold, dialog form, dialog [aria-haspopup=menu]", 0));
    page.clickText("dialog .action", "Leave the group");
    page.sees("dialog[data-name=confirm]", "You will not get its messages any more.");
    page.isAccessible("confirm-leaving");
    page.clickText("dialog[data-name=confirm] .button", "Leave");
    page.tab().until(count(".item", 1) + " && " + count("dialog", 0)); // ada is left, a contact
    page.tab().until("location.hash === '#/'");
    ada.sees(".note:last-child", bob.name() + " left");
    ada.sees(".who-more", "1 member: you");
  }

  @ParameterizedTest
  @EnumSource
  void nameDescriptionAndSlowModeAreChanged(Screen screen) throws Exception {
    ChatPage ada = adaInHerGroup(screen);
    ChatPage page = WORLD.blank(screen);
    page.tab().go(WORLD.url());
    page.signIn(bob.name());
    page.open(WORLD.name("hikers"));
    ada.click("#who");
    String climbers = WORLD.name("climbers");
    ada.click("dialog .fold summary");
    ada.tab().run("document.forms.group.elements.name.value = 'half a na'");
    PageWorld.ask(carol, "typing", here().put("on", true));
    say(carol, "hello");
    ada.seesMessages(1);
    assertThat(ada.tab().run("document.forms.group.elements.name.value").asString())
        .isEqualTo("half a na");
    ada.submit("form[name=group]", "name", climbers, "description", "On Sundays", "slow", "3");
    ada.sees(".toast", "Saved.");
    ada.sees("dialog .profile", "On Sundays");
    ada.sees("#title", climbers);
    ada.isAccessible("group-changed");
    ada.submit("form[name=group]", "name", "");
    ada.sees("dialog h3", climbers); // a name is required

    page.sees("#title", climbers);
    page.sees(
        ".note:last-child",
        "%s renamed the group to “%s”, changed the description, switched slow mode on"
            .formatted(WORLD.name("ada"), climbers));
    page.sees(".composer-note", "Slow mode: a message every 3 seconds.");
    page.isAccessible("slow-mode");
    page.say("one");
    page.seesMessages(2);
    page.say("two");
    page.tab().until(count(".message.pending", 1));
    page.seesMessages(3); // as soon as it may go
    page.click("#who");
    page.sees("dialog .profile", "On Sundays");

    ada.submit("form[name=group]", "name", climbers, "description", "", "slow", "0");
    page.sees(".note:last-child", "slow mode off");
    page.tab().until(count(".composer-note", 0) + " && " + count("dialog .profile p", 0));
  }

  @ParameterizedTest
  @EnumSource
  void messagesArePinnedAndTheirDetailsTellWhoHasThem(Screen screen) throws Exception {
    ChatPage ada = adaInHerGroup(screen);
    for (int i = 1; i <= 30; i++) {
      say(bob, "message " + i);
    }
    ada.seesMessages(30);
    ada.say("fisrt");
    ada.tab().until(exists(".own:not(.pending) .tick"));
    PageWorld.ask(bob, "received", here().put("seq", 31));
    ada.tab().until(exists(".own .tick.sent")); // carol has not
    PageWorld.ask(carol, "read", here().put("seq", 31));
    ada.tab().until(exists(".own .tick.delivered"));
    ada.choose(".own", "Edit");
    ada.sees("#about", "Edit message");
    ada.tab().until("document.getElementById('text').value === 'fisrt'");
    ada.tab().run("document.getElementById('text').focus()");
    ada.tab().run("document.getElementById('text').select()");
    ada.tab().insert("first");
    ada.tab().run("document.getElementById('write').requestSubmit()");
    ada.tab().until(exists(".own .edited"));
    ada.choose(".own", "Details");
    ada.sees("dialog[data-name=message-info] .versions", "fisrt");
    ada.isAccessible("message-details");
    String names = "[...document.querySelectorAll('dialog .names')].map((one) => one.textContent)";
    assertThat(ada.tab().run(names + ".join()").asString())
        .isEqualTo(carol.name() + "," + bob.name());
    ada.tab().pressEscape();
    ada.tab().until(count("dialog", 0));
    PageWorld.ask(bob, "read", here().put("seq", 31));
    ada.tab().until(exists(".own .tick.read"));

    ada.choose(".own", "Pin");
    ada.sees("#pinned", "first");
    ada.sees(".own .meta", "pinned");
    ada.tab().run("document.querySelector(\"[data-seq='2']\").scrollIntoView()");
    ada.choose("[data-seq=\"2\"]", "Pin");
    ada.sees("#pinned", "Pinned 1 of 2");
    ada.isAccessible("pinned");
    ada.click("#to-end");
    ada.tab().until("!document.getElementById('to-end')");
    ada.click("#pinned");
    ada.tab().until(exists("[data-seq='2'].flash"));
    ada.sees("#pinned", "Pinned 2 of 2");
    ada.click("#pinned");
    ada.tab().until(exists("[data-seq='31'].flash"));
    ada.choose(".own", "Unpin");
    ada.sees("#pinned", "message 2");
    ada.tab().run("document.querySelector(\"[data-seq='2']\").scrollIntoView()");
    ada.choose("[data-seq=\"2\"]", "Unpin");
    ada.tab().until(count("#pinned", 0));
    ada.sees(".note:last-child", "You unpinned a message");
  }
}
