package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.console.model.Conversation;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the user sees conversations, and what can be told of a message. */
final class ViewCommandsTest {
  private static final String ID = "'conversation_id':'7'";

  private final CommandFixture given = new CommandFixture();

  @AfterEach
  void close() throws IOException {
    given.close();
  }

  @Test
  void aConversationIsMutedForATimeOrForGood() {
    Conversation bob = given.openBob();
    given.answer = "{'muted_until':'2026-03-01T20:00:00.000Z','version':1}";
    given.assertAsks(
        "/mute 8h", "{'type':'preferences'," + ID + ",'muted_until':'2026-03-01T20:00:00Z'}");
    given.glass.awaitText("bob is muted until 20:00.");
    assertThat(bob.isMuted(given.talk.times().now())).isTrue();
    given.assertShows("/talks", "bob  (open, muted)");
    given.assertShows("/mute", "bob is muted for good.");
    given.answer = "{'muted_until':null,'version':2}";
    given.assertAsks("/unmute", "{'type':'preferences'," + ID + ",'muted_until':null}");
    assertThat(bob.isMuted(given.talk.times().now())).isFalse();
  }

  @Test
  void whatIsArchivedIsListedByItself() {
    given.openBob().reached(3);
    given.openWalk();
    given.openBob();
    given.assertShows("/archived", "Nothing is archived.");
    given.answer = "{'archived':true,'archived_at_seq':3,'version':1}";
    given.assertAsks("/archive", "{'type':'preferences'," + ID + ",'archived':true}");
    given.assertShows("/talks", "  #walk\n", "(1 archived: /archived lists them)");
    given.assertShows("/archived", "○ bob  (open)");
    given.answer = "{'archived':false,'archived_at_seq':null,'version':2}";
    given.assertAsks("/unarchive", "{'type':'preferences'," + ID + ",'archived':false}");
    given.glass.awaitText("bob is not archived any more.");
  }

  @Test
  void whatIsPinnedIsListedLast() {
    given.openBob();
    given.openWalk();
    given.openBob();
    given.answer = "{'pinned':true,'version':1}";
    given.assertAsks("/pintalk", "{'type':'preferences'," + ID + ",'pinned':true}");
    given.assertShows("/talks", "  #walk\n○ bob  (open, pinned)");
    given.answer = "{'pinned':false,'version':2}";
    given.assertAsks("/unpintalk", "{'type':'preferences'," + ID + ",'pinned':false}");
  }

  @Test
  void whatIsMarkedAsUnreadIsClosed() {
    Conversation bob = given.openBob();
    given.assertRefused("/unread").hasMessage("Nothing was written to bob yet.");
    bob.reached(9);
    given.answer = "{'unread_from':8,'version':1}";
    given.assertAsks("/unread 8", "{'type':'preferences'," + ID + ",'unread_from':8}");
    assertThat(bob.unread()).isEqualTo(2);
    assertThat(given.conversations.open()).isNull();
    given.openBob();
    given.assertAsks("/unread", "{'type':'preferences'," + ID + ",'unread_from':9}");
    given.assertShows("/talks", "○ bob  (1 unread)");
  }

  @Test
  void aMessageIsReportedAndItsVersionsAreShown() {
    given.openBob();
    given.assertAsks(
        "/report 3 insults me", "{'type':'report'," + ID + ",'seq':3,'reason':'insults me'}");
    given.glass.awaitText("You reported message 3 to the moderators.");
    given.answer =
        "{'versions':[{'text':'helo','written_at':'2026-03-01T09:00:00.000Z'},"
            + "{'text':'hello','written_at':'2026-03-01T09:01:00.000Z'}]}";
    given.assertShows("/edits 3", "09:00  helo\n", "09:01  hello");
  }

  @Test
  void aMessageIsForwardedToAContactToWhomNothingWasWrittenYet() {
    given.openBob();
    given.answers.put("contacts", "{'users':[{'username':'eve','online':false}]}");
    given.answers.put("send", "{'conversation_id':'10','seq':1}");
    given.commands.run("/forward 3 eve");
    assertThat(given.request().get("to").asString()).isEqualTo("eve");
    assertThat(given.request().get("forward_of").get("seq").asLong()).isEqualTo(3);
    given.glass.awaitText("Forwarded to eve.");
    assertThat(given.conversations.labelled("eve")).isNotNull();
    given.assertRefused("/forward 3 nobody").hasMessageContaining("/add nobody makes a contact");
    given.assertRefused("/forward 3 #none").hasMessageContaining("You are in no group #none");
  }
}
