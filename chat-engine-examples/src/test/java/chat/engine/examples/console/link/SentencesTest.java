package chat.engine.examples.console.link;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.console.screen.Times;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerConnection;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class SentencesTest {
  private final Changes changes =
      new Changes(
          "ada", new Times(Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC)));

  private static String refused(String code, String message) {
    return Reasons.of(new CompletionException(new ServerApi.RefusedException(code, message)));
  }

  @Test
  void errorsAreSentencesForPeople() {
    assertThat(refused("busy", "queue 7 is full"))
        .isEqualTo("The server is busy. Try again in a moment.");
    assertThat(refused("not_found", "conversation 647721255406927872 has no message 9"))
        .isEqualTo("This conversation has no message 9.");
    assertThat(refused("forbidden", "you are silenced!")).isEqualTo("You are silenced!");
    assertThat(refused("forbidden", " ")).isEqualTo("The server refused it.");
    assertThat(Reasons.of(new ServerConnection.ClosedException("x")))
        .startsWith("There is no connection");
    assertThat(Reasons.of(new IOException("x"))).startsWith("The server cannot be reached.");
  }

  @Test
  void announcementsAreToldOnceAndTakenBack() {
    Announcements announcements = new Announcements();
    ObjectNode one =
        ServerApi.object().put("id", "7").put("text", "We move tonight.").put("kind", "warning");
    assertThat(announcements.announced(one)).isEqualTo("Warning of the operator: We move tonight.");
    assertThat(announcements.announced(one)).as("in the next welcome").isNull();
    ObjectNode other = ServerApi.object().put("id", "8").put("text", "Hi.").put("kind", "info");
    assertThat(announcements.announced(other)).isEqualTo("The operator says: Hi.");
    assertThat(announcements.withdrawn(one)).isEqualTo("The operator takes back: We move tonight.");
    assertThat(announcements.withdrawn(one)).isNull();
  }

  private @Nullable String sentence(String change) {
    return changes.sentence(ServerApi.parse(change), "#walk");
  }

  @Test
  void changesAreSentencesForPeople() {
    assertThat(sentence("{'kind':'added','by':'bob','username':'ada'}".replace('\'', '"')))
        .isEqualTo("bob added you to #walk; /to #walk to write there.");
    assertThat(sentence("{'kind':'removed','by':'ada','username':'ada'}".replace('\'', '"')))
        .isEqualTo("You left #walk.");
    assertThat(
            sentence(
                "{'kind':'removed','by':'','usernames':['a','b','c','d'],'count':9}"
                    .replace('\'', '"')))
        .isEqualTo("The server removed 9 members from #walk.");
    assertThat(sentence("{'kind':'pinned','by':'bob','seq':3}".replace('\'', '"')))
        .isEqualTo("bob pinned message 3 of #walk.");
    assertThat(
            sentence(
                "{'kind':'silenced','by':'bob','username':'ada','until':'2026-03-01T13:00:00.000Z'}"
                    .replace('\'', '"')))
        .isEqualTo("bob silenced you in #walk until 13:00.");
    assertThat(sentence("{'kind':'banned','by':'ada','username':'eve'}".replace('\'', '"')))
        .isEqualTo("You banned eve from #walk for good.");
    assertThat(
            sentence(
                "{'kind':'updated','by':'bob','description':null,'slow_mode_seconds':30}"
                    .replace('\'', '"')))
        .isEqualTo(
            "bob changed the settings of #walk: it has no description now,"
                + " members wait 30 s between messages.");
    assertThat(sentence("{'kind':'attributes_set','by':'bob'}".replace('\'', '"'))).isNull();
  }
}
