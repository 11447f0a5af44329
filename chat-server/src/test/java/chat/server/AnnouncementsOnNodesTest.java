package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.embedded.RedisServer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What is announced by REST or at the command line, on two nodes, with Redis and without. */
@Timeout(180)
final class AnnouncementsOnNodesTest {
  /** Two seconds, and as much again for a machine that is busy with other tests. */
  private static final Duration SOON = Duration.ofSeconds(4);

  private static final String PATH = "/v1/admin/announcements";

  private String database;

  @BeforeEach
  void makeDatabase() throws Exception {
    database = TestServer.freshDatabase();
  }

  private ChatServer node(String... flags) throws Exception {
    return nodeAt(database, flags);
  }

  private static ChatServer nodeAt(String address, String... flags) throws Exception {
    String[] all = new String[flags.length + 1];
    all[0] = "--database-url=" + address;
    System.arraycopy(flags, 0, all, 1, flags.length);
    return TestServer.start(all);
  }

  private AdminShell.Result admin(String... words) {
    String[] all = new String[words.length + 1];
    all[0] = "--database-url=" + database;
    System.arraycopy(words, 0, all, 1, words.length);
    return AdminShell.run(all);
  }

  private String done(String... words) {
    AdminShell.Result result = admin(words);
    assertThat(result.code()).as(result.err()).isZero();
    return result.out();
  }

  private String refused(String... words) {
    AdminShell.Result result = admin(words);
    assertThat(result.code()).as(result.out()).isEqualTo(1);
    return result.err();
  }

  private static ObjectNode announcement(String text) {
    return JsonObjects.object().put("text", text).put("reason", "planned");
  }

  private static String id(JsonNode frame) {
    return frame.get("id").asString();
  }

  /** Announces by REST as Ada, and sees that all of them hear of it soon. */
  private static String announce(ChatClient ada, String text, ChatClient... hearers)
      throws Exception {
    long begun = System.nanoTime();
    ChatClient.Reply reply = ada.call("POST", PATH, announcement(text));
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(201);
    for (ChatClient hearer : hearers) {
      assertThat(hearer.next("announcement").get("text").asString()).isEqualTo(text);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
    return id(reply.body());
  }

  private void everybodyHears(ChatServer north, ChatServer south) throws Exception {
    ChatClient ada = ChatClient.registered(north, "ada");
    ChatClient bob = ChatClient.registered(south, "bob");
    done("make-administrator", "ada");
    assertThat(bob.connect().has("announcements")).as("nothing is announced").isFalse();
    ada.connect();
    String id = announce(ada, "We move tonight.", ada, bob);

    ChatClient later = new ChatClient(south);
    later.logIn("bob@example.org", "correct horse");
    JsonNode welcomed = later.connect().get("announcements");
    assertThat(welcomed).hasSize(1);
    assertThat(welcomed.at("/0/id").asString()).isEqualTo(id);
    assertThat(welcomed.at("/0/kind").asString()).isEqualTo("info");

    long begun = System.nanoTime();
    assertThat(ada.call("DELETE", PATH + "/" + id + "?reason=done", "").status()).isEqualTo(200);
    for (ChatClient hearer : new ChatClient[] {ada, bob, later}) {
      assertThat(id(hearer.next("announcement_withdrawn"))).isEqualTo(id);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
    assertThat(ada.connect().has("announcements")).isFalse();
  }

  @Test
  void everybodyHearsOnTwoNodesWithoutRedis() throws Exception {
    try (ChatServer north = node("--router=postgres");
        ChatServer south = node("--router=postgres")) {
      everybodyHears(north, south);
    }
  }

  @Test
  void everybodyHearsOnTwoNodesWithRedisAndAlsoWhenItIsGone() throws Exception {
    int port = FreePort.find();
    RedisServer redis =
        RedisServer.newRedisServer()
            .port(port)
            .setting("bind 127.0.0.1")
            .setting("save \"\"")
            .build();
    redis.start();
    String flag = "--redis-url=redis://127.0.0.1:" + port;
    try (ChatServer north = node(flag);
        ChatServer south = node(flag)) {
      everybodyHears(north, south);
      ChatClient cleo = ChatClient.registered(north, "cleo");
      ChatClient dan = ChatClient.registered(south, "dan");
      done("make-administrator", "cleo");
      dan.connect();
      redis.stop();
      announce(cleo, "Redis is away.", dan);
    } finally {
      redis.stop();
    }
  }

  @Test
  void aNodeThatWasCutOffFromTheDatabaseTellsItsConnectionsAfterwards() throws Exception {
    try (RoughNetwork network = new RoughNetwork();
        ChatServer north = node("--router=postgres");
        ChatServer south = nodeAt(across(network), "--router=postgres")) {
      ChatClient ada = ChatClient.registered(north, "ada");
      ChatClient bob = ChatClient.registered(south, "bob");
      done("make-administrator", "ada");
      bob.connect();
      String first = announce(ada, "before", bob);
      String second = announce(ada, "also before", bob);
      change(network, "refuse");
      assertThat(ada.call("DELETE", PATH + "/" + first, "").status()).isEqualTo(200);
      announce(ada, "missed");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(bob.call("GET", "/readyz", "").status()).isEqualTo(503));
      change(network, "heal");
      assertThat(id(bob.next("announcement_withdrawn"))).isEqualTo(first);
      assertThat(bob.next("announcement").get("text").asString()).isEqualTo("missed");
      assertThat(id(ada.call("DELETE", PATH + "/" + second, "").body())).isEqualTo(second);
      assertThat(id(bob.next("announcement_withdrawn"))).as("and goes on").isEqualTo(second);
    }
  }

  private String across(RoughNetwork network) throws Exception {
    URI address = URI.create(database.substring("jdbc:".length()));
    return database.replace(
        ":" + address.getPort() + "/", ":" + network.to(address.getPort()) + "/");
  }

  private static void change(RoughNetwork network, String how) throws Exception {
    HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(network.control() + "/" + how)).build(),
            HttpResponse.BodyHandlers.discarding());
  }

  @Test
  void theCommandLineAnnouncesListsAndWithdraws() throws Exception {
    try (ChatServer server = node()) {
      ChatClient bob = ChatClient.registered(server, "bob");
      bob.connect();
      Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      JsonNode made =
          JsonObjects.parse(
              done(
                  "announce",
                  "--text=שלום",
                  "--kind=warning",
                  "--for=2h",
                  "--reason=planned",
                  "--json"));
      String id = made.get("id").asString();
      assertThat(Instant.parse(made.get("until").asString()))
          .isBetween(
              begun.plus(Duration.ofHours(2)), begun.plus(Duration.ofHours(2)).plusSeconds(60));
      ObjectNode heard = bob.next("announcement");
      assertThat(heard.get("text").asString()).isEqualTo("שלום");
      assertThat(heard.get("kind").asString()).isEqualTo("warning");
      assertThat(done("announcements")).contains(id, "שלום", "command line", "shown");
      assertThat(done("withdraw-announcement", id, "--reason=mistake")).contains("withdrawn");
      assertThat(id(bob.next("announcement_withdrawn"))).isEqualTo(id);

      assertThat(refused("announce", "--text=x", "--for=2w", "--reason=x"))
          .contains("--for must be a time such as 30m, 2h or 7d, not 2w");
      assertThat(refused("announce", "--text=x", "--for=91d", "--reason=x"))
          .contains("at most 90 days");
      assertThat(refused("announce", "--text=x", "--kind=error", "--reason=x"))
          .contains("info or warning");
      assertThat(refused("withdraw-announcement", "99")).contains("there is no announcement 99");
      for (int i = 0; i < 3; i++) {
        done("announce", "--text=" + i, "--reason=x");
      }
      assertThat(refused("announce", "--text=4", "--reason=x"))
          .contains("conflict: 3 announcements are shown");
      JsonNode entries = JsonObjects.parse(done("audit", "--json")).get("entries");
      assertThat(
              StreamSupport.stream(entries.spliterator(), false)
                  .map(
                      entry ->
                          entry.get("action").asString() + " " + entry.get("outcome").asString()))
          .contains(
              "announcement.make done",
              "announcement.make refused",
              "announcement.list done",
              "announcement.withdraw done");
    }
  }

  @Test
  void onlyAdministratorsAnnounce() throws Exception {
    try (ChatServer server = node()) {
      ChatClient eve = ChatClient.registered(server, "eve");
      assertThat(eve.call("POST", PATH, announcement("hi")).error()).isEqualTo("forbidden");
      assertThat(eve.call("GET", PATH, "").error()).isEqualTo("forbidden");
      assertThat(eve.call("DELETE", PATH + "/1", "").error()).isEqualTo("forbidden");
      assertThat(new ChatClient(server).call("GET", PATH, "").status()).isEqualTo(401);
      done("make-administrator", "eve");
      assertThat(eve.call("GET", PATH, "").body().get("announcements")).isEmpty();
      JsonNode made = eve.call("POST", PATH, announcement("hi")).body();
      assertThat(made.get("by").asString()).isEqualTo("eve");
      assertThat(eve.call("POST", PATH, JsonObjects.object().put("text", "hi")).status())
          .as("without a reason")
          .isEqualTo(400);
    }
  }
}
