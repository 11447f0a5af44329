package chat.server.announcements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.protocol.JsonObjects;
import chat.server.TestServer;
import chat.server.announcements.Announcement.Kind;
import chat.server.database.ServerDatabase;
import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is announced, for how long, and what connections are told, by a clock of the test. */
@Timeout(60)
final class AnnouncementsTest {
  private static final Instant START = Instant.parse("2026-03-01T09:30:00Z");
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<ObjectNode> frames = new ArrayList<>();
  private volatile Instant now = START;
  private ServerDatabase database;
  private Announcements announcements;
  private ShownAnnouncements shown;

  @BeforeEach
  void open() throws Exception {
    database = TestServer.openDatabase();
    announcements = new Announcements(database.jdbi(), () -> now);
    shown = new ShownAnnouncements(announcements, () -> now);
  }

  @AfterEach
  void close() {
    database.close();
  }

  private long announce(String text, Duration time) {
    return announcements.announce(null, text, Kind.INFO, now.plus(time)).get("id").asLong();
  }

  private List<String> texts() {
    return shown.now().stream().map(Announcement::text).toList();
  }

  private List<String> told() {
    List<String> told =
        frames.stream()
            .map(frame -> frame.get("type").asString() + " " + frame.get("id").asString())
            .toList();
    frames.clear();
    return told;
  }

  @Test
  void whatIsAnnouncedIsShownUntilItsEndByTheClock() {
    ObjectNode made = announcements.announce(null, "a\nb", Kind.WARNING, null);
    assertThat(made.get("until").asString()).isEqualTo("2026-03-02T09:30:00.000Z");
    assertThat(made.get("by").asString()).isEqualTo("command line");
    assertThat(made.get("state").asString()).isEqualTo("shown");
    announce("short", HOUR);
    assertThat(shown.compare()).isTrue();
    assertThat(texts()).containsExactly("a\nb", "short");
    assertThat(shown.now().get(0).kind()).isEqualTo(Kind.WARNING);
    assertThat(shown.compare()).as("nothing new").isFalse();

    now = START.plus(HOUR).minusMillis(1);
    assertThat(shown.compare()).isFalse();
    now = START.plus(HOUR);
    assertThat(shown.compare()).isTrue();
    assertThat(texts()).containsExactly("a\nb");
    JsonNode list = announcements.list(Optional.empty(), 10).get("announcements");
    assertThat(list).hasSize(2);
    assertThat(list.get(0).get("text").asString()).as("the newest first").isEqualTo("short");
    assertThat(list.get(0).get("state").asString()).isEqualTo("over");
    ObjectNode page = announcements.list(Optional.of(list.get(0).get("id").asLong()), 1);
    assertThat(page.at("/announcements/0/text").asString()).isEqualTo("a\nb");
    assertThat(page.get("has_more").asBoolean()).isFalse();
  }

  @Test
  void whatIsWithdrawnIsShownNoLongerAndSoStays() {
    long id = announce("wrong", HOUR);
    shown.compare();
    ObjectNode withdrawn = announcements.withdraw(id);
    assertThat(withdrawn.get("state").asString()).isEqualTo("withdrawn");
    assertThat(shown.compare()).isTrue();
    assertThat(texts()).isEmpty();
    now = START.plusSeconds(5);
    assertThat(announcements.withdraw(id)).as("once more").isEqualTo(withdrawn);
    long over = announce("over", HOUR);
    now = now.plus(HOUR);
    assertThat(announcements.withdraw(over).get("state").asString()).isEqualTo("over");
    assertThatThrownBy(() -> announcements.withdraw(99))
        .isInstanceOf(ApiException.class)
        .hasMessage("there is no announcement 99");
  }

  @Test
  void aFourthIsRefusedUntilOneIsOverOrWithdrawn() {
    announce("1", HOUR);
    announce("2", HOUR.multipliedBy(2));
    long third = announce("3", HOUR.multipliedBy(2));
    assertThatThrownBy(() -> announce("4", HOUR))
        .isInstanceOf(ApiException.class)
        .hasMessage("3 announcements are shown, and more are not allowed: withdraw one first");
    announcements.withdraw(third);
    announce("4", HOUR.multipliedBy(2));
    now = START.plus(HOUR);
    announce("5", HOUR);
    shown.compare();
    assertThat(texts()).containsExactly("2", "4", "5");
  }

  @Test
  void ofManyWhoAnnounceAtTheSameMomentThreeSucceed() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      CountDownLatch go = new CountDownLatch(1);
      List<Future<Long>> results = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String text = "text " + i;
        results.add(
            threads.submit(
                () -> {
                  go.await();
                  return announce(text, HOUR);
                }));
      }
      go.countDown();
      int refused = 0;
      for (Future<Long> result : results) {
        try {
          result.get();
        } catch (ExecutionException refusal) {
          assertThat(refusal).hasCauseInstanceOf(ApiException.class);
          refused++;
        }
      }
      assertThat(refused).isEqualTo(5);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatCannotBeAnnouncedIsRefusedInWords() {
    String most = "\uD83D\uDC4D".repeat(Announcement.MAX_LENGTH);
    announce(most, Announcement.MAX_TIME);
    refused("text may have 1000 characters, not 1001", most + "!", null);
    refused("text must not be empty", "", null);
    refused(
        "text has nothing to see: only spaces, line breaks or invisible characters", " \n", null);
    refused("text has a control character (U+0007), which cannot be shown", "\u0007", null);
    refused("until must be in the future", "x", now);
    refused(
        "until may be at most 90 days from now",
        "x",
        now.plus(Announcement.MAX_TIME).plusMillis(1));
    assertThatThrownBy(() -> Kind.of("error"))
        .hasMessage("kind must be info or warning, not error");
    assertThat(announcements.list(Optional.empty(), 10).get("announcements")).hasSize(1);
  }

  private void refused(String words, String text, Instant until) {
    assertThatThrownBy(() -> announcements.announce(null, text, Kind.INFO, until))
        .hasMessage(words);
  }

  @Test
  void aConnectionIsToldEachChangeOnceAndNothingBeforeItsWelcome() {
    long first = announce("1", HOUR);
    shown.compare();
    ToldAnnouncements connection = new ToldAnnouncements();
    ObjectNode welcome = JsonObjects.object();
    connection.putInto(welcome, shown);
    assertThat(welcome.toString())
        .isEqualTo(
            "{\"announcements\":[{\"id\":\""
                + first
                + "\",\"text\":\"1\",\"kind\":\"info\",\"at\":\"2026-03-01T09:30:00.000Z\","
                + "\"until\":\"2026-03-01T10:30:00.000Z\"}]}");
    announcements.withdraw(first);
    long second = announce("2", HOUR);
    shown.compare();
    connection.tell(shown, frames::add);
    assertThat(told()).as("the welcome is still to be sent").isEmpty();
    connection.welcomed(shown, frames::add);
    assertThat(told()).containsExactly("announcement_withdrawn " + first, "announcement " + second);
    connection.tell(shown, frames::add);
    assertThat(told()).as("once").isEmpty();

    now = START.plus(HOUR);
    shown.compare();
    connection.tell(shown, frames::add);
    assertThat(told()).as("clients know when it is over").isEmpty();
    ObjectNode later = JsonObjects.object();
    new ToldAnnouncements().putInto(later, shown);
    assertThat(later).as("costs nothing").isEmpty();
  }

  @Test
  void withoutTheDatabaseANodeShowsWhatItKnowsUntilThatIsOver() {
    announce("short", HOUR);
    announce("long", HOUR.multipliedBy(2));
    shown.compare();
    database.close();
    assertThatThrownBy(() -> shown.compare()).isInstanceOf(RuntimeException.class);
    assertThat(texts()).containsExactly("short", "long");
    now = START.plus(HOUR);
    assertThatThrownBy(() -> shown.compare()).isInstanceOf(RuntimeException.class);
    assertThat(texts()).containsExactly("long");
  }
}
