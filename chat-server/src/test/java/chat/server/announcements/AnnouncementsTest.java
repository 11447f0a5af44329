package chat.server.announcements;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.TestServer;
import chat.server.announcements.Announcement.Kind;
import chat.server.database.ServerDatabase;
import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

/**
 * What is announced, for how long, and what connections are told. Instead of the database's clock
 * the test moves what is stored.
 */
@Timeout(60)
final class AnnouncementsTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final List<ObjectNode> frames = new ArrayList<>();
  private Duration moved = Duration.ZERO;
  private ServerDatabase database;
  private Announcements announcements;
  private ShownAnnouncements shown;

  @BeforeEach
  void open() throws Exception {
    database = TestServer.openDatabase();
    announcements = new Announcements(database.jdbi());
    shown = new ShownAnnouncements(announcements, () -> Instant.now().plus(moved));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private long announce(String text, Duration time) {
    return announcements.announceFor(null, text, Kind.INFO, time).get("id").asLong();
  }

  private void after(Duration time) {
    database
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "update server_announcement set announced_at = announced_at - past.time,"
                        + " shown_until = shown_until - past.time,"
                        + " withdrawn_at = withdrawn_at - past.time"
                        + " from (select ? * interval '1 millisecond' as time) past",
                    time.toMillis()));
  }

  private static Instant time(JsonNode announcement, String field) {
    return Instant.parse(announcement.get(field).asString());
  }

  private List<String> texts() {
    return shown.last().announcements().stream().map(Announcement::text).toList();
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
    assertThat(time(made, "until")).isEqualTo(time(made, "at").plus(Duration.ofDays(1)));
    assertThat(made.get("by").asString()).isEqualTo("command line");
    assertThat(made.get("state").asString()).isEqualTo("shown");
    announce("short", HOUR);
    assertThat(shown.compare()).isTrue();
    assertThat(texts()).containsExactly("a\nb", "short");
    assertThat(shown.last().announcements().get(0).kind()).isEqualTo(Kind.WARNING);
    assertThat(shown.compare()).as("nothing new").isFalse();

    after(HOUR.minusMinutes(5));
    shown.compare();
    assertThat(texts()).containsExactly("a\nb", "short");
    after(Duration.ofMinutes(5));
    assertThat(shown.compare()).isTrue();
    assertThat(texts()).containsExactly("a\nb");
    JsonNode list = announcements.list(Long.MAX_VALUE, 10).get("announcements");
    assertThat(list).hasSize(2);
    assertThat(list.get(0).get("text").asString()).as("the newest first").isEqualTo("short");
    assertThat(list.get(0).get("state").asString()).isEqualTo("over");
    ObjectNode page = announcements.list(list.get(0).get("id").asLong(), 1);
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
    assertThat(announcements.withdraw(id)).as("once more").isEqualTo(withdrawn);
    long over = announce("over", HOUR);
    after(HOUR);
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
    after(HOUR);
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
    refused("until must be in the future", "x", Instant.now().minusSeconds(1));
    refused(
        "until may be at most 90 days from now",
        "x",
        Instant.now().plus(Announcement.MAX_TIME).plusSeconds(60));
    assertThatThrownBy(() -> Kind.of("error"))
        .hasMessage("kind must be info or warning, not error");
    assertThat(announcements.list(Long.MAX_VALUE, 10).get("announcements")).hasSize(1);
  }

  private void refused(String words, String text, Instant until) {
    assertThatThrownBy(() -> announcements.announce(null, text, Kind.INFO, until))
        .hasMessage(words);
  }

  @Test
  void aConnectionIsToldEachChangeOnceAndNothingBeforeItsWelcome() {
    ObjectNode made = announcements.announceFor(null, "1", Kind.INFO, HOUR);
    long first = made.get("id").asLong();
    shown.compare();
    ToldAnnouncements connection = new ToldAnnouncements();
    ObjectNode welcome = JsonObjects.object();
    connection.putInto(welcome, shown);
    assertThat(welcome.toString())
        .isEqualTo(
            "{\"announcements\":[{\"id\":\""
                + first
                + "\",\"text\":\"1\",\"kind\":\"info\",\"at\":\""
                + made.get("at").asString()
                + "\",\"until\":\""
                + made.get("until").asString()
                + "\"}]}");
    announcements.withdraw(first);
    long second = announce("2", HOUR);
    shown.compare();
    connection.tell(shown, frames::add);
    assertThat(told()).as("the welcome is still to be sent").isEmpty();
    connection.welcomed(shown, frames::add);
    assertThat(told()).containsExactly("announcement_withdrawn " + first, "announcement " + second);
    connection.tell(shown, frames::add);
    assertThat(told()).as("once").isEmpty();

    after(HOUR.minusSeconds(5));
    shown.compare();
    connection.tell(shown, frames::add);
    assertThat(told()).as("it has another end now").endsWith("announcement " + second);
    await().until(shown::compare); // when it is over
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
    moved = HOUR;
    assertThatThrownBy(() -> shown.compare()).isInstanceOf(RuntimeException.class);
    assertThat(texts()).containsExactly("long");
  }
}
