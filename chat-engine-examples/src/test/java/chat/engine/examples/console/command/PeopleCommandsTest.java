package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Other people, and oneself. */
final class PeopleCommandsTest {
  private final CommandFixture given = new CommandFixture();

  @AfterEach
  void close() throws IOException {
    given.close();
  }

  @Test
  void contactsAreListedWithTheirPresenceAndName() {
    given.answers.put(
        "contacts",
        "{'users':[{'username':'bob','online':true},"
            + "{'username':'eve','online':false,'last_seen_at':'2026-03-01T09:00:00.000Z'}]}");
    given.answers.put("profiles", "{'profiles':[{'username':'bob','display_name':'Robert'}]}");
    given.assertShows("/contacts", "● bob (Robert)\n", "○ eve  last seen 09:00");
  }

  @Test
  void requestsAreShownAcceptedAndDeclined() {
    given.answers.put(
        "contact_requests", "{'received':[{'username':'bob'}],'sent':[{'username':'eve'}]}");
    given.assertShows(
        "/requests", "bob asks to be a contact: /add bob accepts", "eve has not answered yet.");
    given.answer = "{'status':'requested','users':[]}";
    given.assertShows("/add eve", "You asked eve to be a contact.");
    given.assertAsks("/decline bob", "{'type':'remove_contact','username':'bob'}");
    given.glass.awaitText("bob is no contact.");
    given.assertAsks("/drop bob", "{'type':'remove_contact','username':'bob'}");
  }

  @Test
  void whoIsBlockedIsListed() {
    given.assertAsks("/block bob", "{'type':'block','username':'bob'}");
    given.assertAsks("/unblock bob", "{'type':'unblock','username':'bob'}");
    given.answer = "{'usernames':[],'has_more':false}";
    given.assertShows("/blocked", "You have blocked nobody.");
    given.answer = "{'usernames':['mallory'],'has_more':false}";
    given.assertShows("/blocked", "\nmallory");
  }

  @Test
  void profilesAreShownAndOnesOwnIsChanged() {
    given.answers.put(
        "profiles",
        "{'profiles':[{'username':'bob','display_name':'Robert','avatar_url':'https://x/p.png'}]}");
    given.assertShows("/profile bob", "bob is shown as Robert, with the picture https://x/p.png.");
    given.answers.put("set_profile", "{'username':'ada','display_name':'Ada Lovelace'}");
    given.assertAsks("/name Ada Lovelace", "{'type':'set_profile','display_name':'Ada Lovelace'}");
    given.glass.awaitText("You are shown as Ada Lovelace, without a picture.");
    given.assertAsks("/name", "{'type':'set_profile','display_name':null}");
    given.assertAsks(
        "/picture https://x/a.png", "{'type':'set_profile','avatar_url':'https://x/a.png'}");
    given.answers.put("profiles", "{'profiles':[]}");
    given.assertRefused("/profile nobody").hasMessage("There is nobody called nobody.");
  }

  @Test
  void privacyIsShownAndChanged() {
    given.answer = "{'last_seen':'contacts','read_receipts':false}";
    given.assertShows(
        "/privacy",
        "Contacts see when you are online (/lastseen), and others do not see what you have read",
        "What you hide you do not see of others.");
    given.assertAsks("/lastseen Nobody", "{'type':'set_privacy','last_seen':'nobody'}");
    given.assertAsks("/receipts off", "{'type':'set_privacy','read_receipts':false}");
    given.assertAsks("/receipts on", "{'type':'set_privacy','read_receipts':true}");
    given
        .assertRefused("/lastseen friends")
        .hasMessage("friends is none of everyone, contacts, nobody.");
    given.assertRefused("/receipts maybe").hasMessage("maybe is none of on, off.");
  }

  @Test
  void loginsAreListedAndEnded() {
    given.assertRefused("/endlogin 1").hasMessageContaining("no login 1 in the list");
    given.answer =
        "{'logins':[{'id':'a','current':true,'used_at':'2026-03-01T09:00:00.000Z',"
            + "'address':'10.0.0.1','user_agent':'Java-http-client/17'},"
            + "{'id':'b','current':false,'used_at':'2026-02-01T09:00:00.000Z',"
            + "'address':null,'user_agent':null}]}";
    given.assertShows(
        "/logins",
        "1. used 09:00 from 10.0.0.1, Java-http-client/17  (this one)",
        "2. used 1 Feb 09:00");
    given.assertShows("/endlogin 2", "Login 2 has ended.");
    assertThat(given.called).containsExactly("GET /v1/auth/logins", "DELETE /v1/auth/logins/b");
    given.assertRefused("/endlogin 3").hasMessageContaining("no login 3 in the list");
    given.assertRefused("/endlogin x").hasMessageContaining("x is not the number of a login");
  }
}
