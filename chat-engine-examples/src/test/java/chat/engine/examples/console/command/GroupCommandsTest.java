package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.console.model.Conversation;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Groups: members, roles, bans, silences and invite links. */
final class GroupCommandsTest {
  private static final String ID = "'conversation_id':'8'";

  private final CommandFixture given = new CommandFixture();

  @AfterEach
  void close() throws IOException {
    given.close();
  }

  @Test
  void theOwnerGivesRoles() {
    given.openWalk();
    given.assertAsks(
        "/promote bob", "{'type':'set_role'," + ID + ",'role':'admin','members':['bob']}");
    given.assertAsks(
        "/demote bob", "{'type':'set_role'," + ID + ",'role':'member','members':['bob']}");
    given.assertAsks(
        "/handover bob", "{'type':'set_role'," + ID + ",'role':'owner','members':['bob']}");
  }

  @Test
  void membersAreBannedAndSilencedForATimeOrForGood() {
    given.openWalk();
    given.assertAsks("/ban bob", "{'type':'ban'," + ID + ",'username':'bob'}");
    given.assertAsks(
        "/ban bob 2d", "{'type':'ban'," + ID + ",'username':'bob','until':'2026-03-03T12:00:00Z'}");
    given.assertAsks("/unban bob", "{'type':'unban'," + ID + ",'username':'bob'}");
    given.assertAsks(
        "/silence bob",
        "{'type':'silence'," + ID + ",'username':'bob','until':'2026-03-01T13:00:00Z'}");
    given.assertAsks(
        "/silence bob ever",
        "{'type':'silence'," + ID + ",'username':'bob','until':'9999-12-31T23:59:59.999Z'}");
    given.assertAsks(
        "/unsilence bob", "{'type':'silence'," + ID + ",'username':'bob','until':null}");
    given
        .assertRefused("/ban bob soon")
        .hasMessage("soon is not a time, such as 10m, 8h, 3d, 1w or ever.");
  }

  @Test
  void bansAreListedAPageAtATime() {
    given.openWalk();
    given.answer =
        "{'bans':[{'username':'bob','by':'ada'},"
            + "{'username':'eve','by':'carl','until':'2026-03-01T13:00:00.000Z'}],'has_more':true}";
    given.assertShows(
        "/bans", "bob  banned by you for good", "eve  banned by carl until 13:00", "(/more");
    given.answer = "{'bans':[],'has_more':false}";
    given.assertAsks("/more", "{'type':'bans'," + ID + ",'after':'eve','limit':50}");
    given.assertRefused("/more").hasMessage("There is no more to show.");
  }

  @Test
  void membersAreShownWithTheirPresenceNameAndRole() {
    given.openWalk();
    given.answers.put(
        "members",
        "{'members':[{'username':'ada','role':'owner'},{'username':'bob','role':'member',"
            + "'silenced_until':'2026-03-01T12:30:00.000Z'},{'username':'carol','role':'member',"
            + "'silenced_until':'2026-03-01T11:30:00.000Z'}],'has_more':false}");
    given.answers.put("presence", "{'users':[{'username':'bob','online':true}]}");
    given.answers.put("profiles", "{'profiles':[{'username':'bob','display_name':'Robert'}]}");
    given.assertShows(
        "/members", "● ada  owner\n", "● bob (Robert)  silenced until 12:30\n", "○ carol");
  }

  @Test
  void linksAreMadeListedAndRevoked() {
    given.openWalk();
    given.answer = "{'code':'Code','invite_id':'i1','has_more':false}";
    given.assertAsks("/link", "{'type':'create_invite'," + ID + "}");
    given.glass.awaitText("http://chat.example/#/join/Code");
    given.assertAsks(
        "/link 1d 5", "{'type':'create_invite'," + ID + ",'expires_in':86400,'max_uses':5}");
    given.assertAsks("/link ever 5", "{'type':'create_invite'," + ID + ",'max_uses':5}");
    given.assertRefused("/link 1d many").hasMessage("many is not a number of uses.");
    given.assertRefused("/revoke 1").hasMessageContaining("no link 1 in the list");
    given.answer =
        "{'invites':[{'invite_id':'i1','by':'ada','uses':2,'max_uses':5,"
            + "'expires_at':'2026-03-02T12:00:00.000Z'}],'has_more':false}";
    given.assertShows("/links", "1. by you, 2 of 5 joined, until 2 Mar 12:00");
    given.assertRefused("/revoke 2").hasMessageContaining("no link 2 in the list");
    given.assertAsks("/revoke 1", "{'type':'revoke_invite'," + ID + ",'invite_id':'i1'}");
    given.conversations.open(given.conversations.known("9", "swim", true));
    given.assertRefused("/revoke 1").hasMessageContaining("no link 1 in the list");
  }

  @Test
  void oneJoinsByALinkOrByItsCode() {
    given.answers.put("join", "{'conversation_id':'8','name':'walk'}");
    given.answers.put("members", "{'members':[{'username':'ada','role':'member'}]}");
    given.commands.run("/join http://chat.example/#/join/Code");
    assertThat(given.asked.get(0).get("code").asString()).isEqualTo("Code");
    given.glass.awaitText("You write to #walk now.");
    given.commands.run("/join Code");
    Conversation open = given.conversations.open();
    assertThat(open == null ? "" : open.label()).isEqualTo("#walk");
  }

  @Test
  void theSettingsAreShownAndChanged() {
    Conversation walk = given.openWalk();
    given.assertShows("/about", "Nothing is said about #walk.");
    walk.describe("Routes");
    given.assertShows("/about", "#walk: Routes");
    given.assertAsks("/about Hills", "{'type':'update_group'," + ID + ",'description':'Hills'}");
    given.assertAsks("/slow 30s", "{'type':'update_group'," + ID + ",'slow_mode_seconds':30}");
    given.assertAsks("/slow", "{'type':'update_group'," + ID + ",'slow_mode_seconds':0}");
  }

  @Test
  void whatIsForGroupsIsRefusedElsewhere() {
    for (String line :
        new String[] {"/promote bob", "/ban bob", "/silence bob", "/link", "/bans"}) {
      given.openBob();
      given.assertRefused(line).hasMessage("That is for groups: choose one with /to #GROUP.");
      given.conversations.close();
      given.assertRefused(line).hasMessage("To whom? Choose with /to NAME or /to #GROUP.");
    }
    assertThat(given.asked).isEmpty();
  }
}
