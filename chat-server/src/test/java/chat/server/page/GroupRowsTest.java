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

/** How people come into a group on the page, and how they are kept out. */
@Tag("thorough")
@Timeout(180)
final class GroupRowsTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  /** A group of Ada's, with Bob in it. */
  private static String group(ChatClient ada) throws Exception {
    ObjectNode fields =
        JsonObjects.object().put("name", WORLD.name("hikers")).put("client_group_id", "hikers");
    fields.putArray("members").add(WORLD.name("bob"));
    return PageWorld.ask(ada, "create_group", fields).get("conversation_id").asString();
  }

  private static ChatPage adaInHerGroup(Screen screen) throws Exception {
    ChatClient ada = WORLD.atProtocol("ada");
    WORLD.befriend(ada, "bob");
    group(ada);
    ChatPage page = WORLD.blank(screen);
    page.tab().go(WORLD.url());
    page.signIn(WORLD.name("ada"));
    page.open(WORLD.name("hikers"));
    return page;
  }

  @ParameterizedTest
  @EnumSource
  void whoHasTheLinkJoinsUntilItIsRevoked(Screen screen) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("bob"));
    ChatPage carol = WORLD.onPage(screen, "carol");
    ChatPage ada = adaInHerGroup(screen);
    ada.click("#who");
    ada.clickText("dialog[data-name=group] .button", "Invite by a link");
    ada.tab().until(exists("[aria-label='Link of the invite']"));
    ada.isAccessible("invite");
    String link = ada.tab().run("document.querySelector('.copy input').value").asString();
    assertThat(link).startsWith(WORLD.url() + "#/join/");

    carol.tab().run("location.href = '%s'".formatted(link));
    carol.sees("dialog[data-name=confirm]", "You were invited to a group");
    carol.show("invited");
    carol.clickText("dialog[data-name=confirm] .button", "Join");
    carol.sees("#title", WORLD.name("hikers"));
    carol.say("Hello");
    carol.seesMessages(1);
    ada.sees(".message .text", "Hello");
    ada.tab().until(count("#members .person", 3));
    ada.sees(".note", "joined");

    ada.clickText("dialog[data-name=group] .button", "Revoke");
    ada.tab()
        .until(
            "![...document.querySelectorAll('dialog .button')].some((one) => one.textContent === 'Revoke')");
    ada.tab().until(count(".copy", 0)); // the link is worth nothing now
    ChatPage dora = WORLD.onPage(screen, "dora");
    dora.click("[aria-label='New conversation']");
    dora.click("[data-tab=invite]");
    dora.submit("form[name=join]", "code", link);
    dora.sees("form[name=join] .form-error", "not valid");
    dora.isAccessible("invite-revoked");
    dora.tab().pressEscape();
    dora.tab().run("location.href = '%s'".formatted(link));
    dora.clickText("dialog[data-name=confirm] .button", "Join");
    dora.sees(".toast.error", "not valid");
    dora.show("invite-in-vain");
  }

  @ParameterizedTest
  @EnumSource
  void aStrangerWithALinkSignsUpFirstAndJoinsThen(Screen screen) throws Exception {
    ChatClient.registered(WORLD.server(), WORLD.name("bob"));
    ChatPage ada = adaInHerGroup(screen);
    ada.click("#who");
    ada.clickText("dialog[data-name=group] .button", "Invite by a link");
    ada.tab().until(exists(".copy input"));
    String link = ada.tab().run("document.querySelector('.copy input').value").asString();
    ChatPage erin = WORLD.blank(screen);
    erin.tab().go(link);
    erin.signUp(WORLD.name("erin"));
    erin.clickText("dialog[data-name=confirm] .button", "Join");
    erin.sees("#title", WORLD.name("hikers"));
    ada.tab().until(count("#members .person", 3));
  }

  @ParameterizedTest
  @EnumSource
  void whoIsBannedIsOutAndComesBackOnlyAfterTheBanIsLifted(Screen screen) throws Exception {
    ChatPage bob = WORLD.onPage(screen, "bob");
    ChatPage ada = adaInHerGroup(screen);
    bob.open(WORLD.name("hikers"));
    bob.say("spam");
    ada.seesMessages(1);
    ada.click("#who");
    ada.click("[aria-label='Actions for %s']".formatted(WORLD.name("bob")));
    ada.isAccessible("member-menu");
    ada.clickText(".menu-item", "Remove and ban");
    ada.tab().until(count("#members .person", 1));
    ada.sees("dialog[data-name=group]", "Banned");
    ada.isAccessible("banned");

    bob.tab().until(count("#conversations .item", 0));
    bob.tab().until("!document.querySelector('#title')?.textContent.includes('hikers')");
    bob.show("banned-out");

    ada.submit("form[name=add-member]", "username", WORLD.name("bob"));
    ada.sees("form[name=add-member] .form-error", "ban");
    ada.clickText("dialog[data-name=group] .button", "Lift");
    ada.tab()
        .until(
            "![...document.querySelectorAll('dialog h3')].some((one) => one.textContent === 'Banned')");
    ada.submit("form[name=add-member]", "username", WORLD.name("bob"));
    ada.tab().until(count("#members .person", 2));
    bob.tab().until(count("#conversations .item", 1));
    bob.open(WORLD.name("hikers"));
    bob.say("sorry");
    ada.seesMessages(2);
  }
}
