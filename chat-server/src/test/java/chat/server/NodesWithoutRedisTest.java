package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.postgres.router.PostgresRouter;
import chat.engine.protocol.JsonObjects;
import chat.server.admin.GeneralRetention;
import chat.server.database.DatabaseAddress;
import chat.server.database.ServerDatabase;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Two servers that share nothing but a PostgreSQL. */
@Timeout(120)
final class NodesWithoutRedisTest {
  private static String database;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = TestServer.freshDatabase();
  }

  private static ChatServer node(String... more) throws Exception {
    List<String> flags =
        new ArrayList<>(List.of("--database-url=" + database, "--router=postgres"));
    flags.addAll(List.of(more));
    return TestServer.start(flags.toArray(String[]::new));
  }

  private static void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void terminateAllConnections() throws Exception {
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()");
  }

  @Test
  void whoIsNoContactAnyMoreIsNotSeenOnAnyNodeAndMayBecomeOneAgain() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient hal = ChatClient.registered(north, "hal");
      ChatClient ida = ChatClient.registered(south, "ida");
      ObjectNode ida1 = JsonObjects.object().put("friend_username", "ida");
      hal.call("POST", "/v1/contact/add", ida1);
      ChatClient idas = new ChatClient(south);
      idas.logIn("ida@example.org", "correct horse");
      idas.connect(); // sees hal come and go, or does not
      ObjectNode talk = hal.connect();
      assertThat(idas.next("presence").get("online").asBoolean()).isTrue();
      assertThat(talk.get("user").get("username").asString()).isEqualTo("hal");
      assertThat(hal.call("DELETE", "/v1/contact/ida", "").status()).isEqualTo(200);
      assertThat(hal.call("DELETE", "/v1/contact/ida", "").status()).isEqualTo(200);
      ObjectNode ask = JsonObjects.object().put("type", "presence");
      ask.putArray("usernames").add("hal");
      assertThat(ida.call("GET", "/v1/contact", "").body().get("contacts")).isEmpty();
      assertThat(idas.ask(ask.deepCopy()).get("users")).isEmpty();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(ida.exchange("GET", "/metrics", "").body())
                      .contains("chat_presence_watched 0.0"));

      hal.call("POST", "/v1/contact/add", ida1); // within the time that is looked back
      ObjectNode seen = idas.next("presence");
      assertThat(seen.get("username").asString()).isEqualTo("hal");
      assertThat(seen.get("online").asBoolean()).isTrue();
    }
  }

  @Test
  void onTablesOfANewerVersionANodeStartsIfItIsTold() throws Exception {
    node().close(); // makes the tables
    execute(
        "INSERT INTO chat_schema_history (installed_rank, version, description, type, script,"
            + " installed_by, execution_time, success)"
            + " VALUES (1000, '1000', 'later', 'SQL', 'V1000__later.sql', 'test', 1, true)");
    try {
      assertThatThrownBy(() -> node())
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("version 1000", "--accept-newer-schema true");
      node("--accept-newer-schema=true").close();
    } finally {
      execute("DELETE FROM chat_schema_history WHERE installed_rank = 1000");
    }
  }

  @Test
  void usersOnDifferentNodesTalkTypeAndSeeEachOther() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient ada = ChatClient.registered(north, "ada");
      ChatClient bob = ChatClient.registered(south, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      bob.connect();
      ada.connect();
      bob.ask(JsonObjects.object().put("type", "sync"));
      ObjectNode ack = ada.send("bob", "1", "from the north");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("from the north");
      // Typing has no way but the router: it is in no table that nodes compare themselves with.
      bob.ask(
          JsonObjects.object()
              .put("type", "typing")
              .put("conversation_id", ack.get("conversation_id").asString())
              .put("on", true));
      assertThat(ada.next("typing").get("username").asString()).isEqualTo("bob");
      bob.disconnect(); // which is reported ten seconds later
      ObjectNode heard = ada.next("presence");
      while (heard.get("online").asBoolean()) {
        heard = ada.next("presence");
      }
      assertThat(heard.get("username").asString()).isEqualTo("bob");
    }
  }

  @Test
  void nodesThatLoseAllTheirConnectionsFindEachOtherAgain() throws Exception {
    try (ChatServer north = node();
        ChatServer south = node()) {
      ChatClient cleo = ChatClient.registered(north, "cleo");
      ChatClient dan = ChatClient.registered(south, "dan");
      cleo.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "dan"));
      cleo.connect();
      dan.connect();
      dan.ask(JsonObjects.object().put("type", "sync"));
      String talk = cleo.send("dan", "1", "before").get("conversation_id").asString();
      assertThat(dan.next("message").get("text").asString()).isEqualTo("before");
      terminateAllConnections();
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(cleo.send("dan", "2", "after").get("type").asString())
                      .isEqualTo("ok"));
      assertThat(dan.next("message").get("text").asString()).isEqualTo("after");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                for (ChatClient client : new ChatClient[] {cleo, dan}) {
                  assertThat(client.call("GET", "/readyz", "").body().get("status").asString())
                      .isEqualTo("ready");
                }
              });
      dan.ask(
          JsonObjects.object().put("type", "typing").put("conversation_id", talk).put("on", true));
      assertThat(cleo.next("typing").get("username").asString()).isEqualTo("dan");
    }
  }

  /** Fred on north and gwen on south, and what they have written three days ago. */
  private record OldTalk(ChatClient fred, ChatClient gwen, String direct, String group) {
    static OldTalk between(ChatServer north, ChatServer south, String fred, String gwen)
        throws Exception {
      ChatClient freds = ChatClient.registered(north, fred);
      ChatClient gwens = ChatClient.registered(south, gwen);
      freds.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", gwen));
      freds.call("POST", "/v1/groups", JsonObjects.object().put("name", "of " + fred));
      freds.connect();
      gwens.connect();
      gwens.ask(JsonObjects.object().put("type", "sync"));
      String direct = freds.send(gwen, "1", "old").get("conversation_id").asString();
      ObjectNode toGroup =
          JsonObjects.object().put("type", "send").put("group", "of " + fred).put("text", "old");
      String group =
          freds.ask(toGroup.put("client_message_id", "2")).get("conversation_id").asString();
      execute("delete from server_general_retention");
      execute(
          "update chat_messages set created_at = created_at - interval '3 days'"
              + " where conversation_id in (%s, %s)".formatted(direct, group));
      AdminShell.Result promoted = admin("make-administrator", fred);
      assertThat(promoted.code()).as(promoted.err()).isZero();
      return new OldTalk(freds, gwens, direct, group);
    }

    JsonNode general(Integer days) throws Exception {
      ObjectNode body = JsonObjects.object().put("days", days).put("reason", "policy");
      ChatClient.Reply set = fred.call("PUT", "/v1/admin/retention", body);
      assertThat(set.status()).as(set.body().toString()).isEqualTo(200);
      return set.body();
    }

    void keepGroup(int days) throws Exception {
      String path = "/v1/admin/conversations/" + group + "/retention";
      assertThat(fred.call("PUT", path, JsonObjects.object().put("days", days)).status())
          .isEqualTo(200);
    }

    long firstSeq(String conversation) throws Exception {
      return fred.call("GET", "/v1/admin/conversations/" + conversation, "")
          .body()
          .get("first_seq")
          .asLong();
    }

    void directExpiresOnBothNodes() throws Exception {
      for (ChatClient client : List.of(fred, gwen)) {
        ObjectNode told = client.next("conversation");
        while (!told.at("/change/kind").asString("").equals("expired")) {
          told = client.next("conversation");
        }
        assertThat(told.get("conversation_id").asString()).isEqualTo(direct);
      }
    }
  }

  @Test
  void theGeneralRetentionOfAnOperatorCountsOnAllNodesBelowThatOfAConversation() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (ChatServer north = node();
        ChatServer south = node();
        ServerDatabase tables =
            ServerDatabase.connect(
                new DatabaseAddress(database, "postgres", ""), 6, new SimpleMeterRegistry());
        PostgresRouter router = PostgresRouter.open(tables.dataSource())) {
      GeneralRetention general = new GeneralRetention(tables.jdbi(), 2);
      OldTalk talk = OldTalk.between(north, south, "fred", "gwen");
      assertThat(general.inForce()).as("of the node").contains(Duration.ofDays(2));
      talk.keepGroup(30);
      JsonNode forEver = talk.general(0);
      assertThat(forEver.get("general_days").isNull()).isTrue();
      assertThat(forEver.get("set_days").asInt()).isZero();
      assertThat(general.inForce()).as("for ever").isEmpty();
      try (ChatEngine withoutPauses =
          ChatEngine.builder()
              .store(PostgresMessageStore.open(tables.dataSource()))
              .router(router)
              .retentionPeriod(Duration.ofMillis(20))
              .retention(
                  () -> {
                    asked.incrementAndGet();
                    return general.inForce();
                  })
              .build()) {
        awaitRounds(asked);
        execute("alter table server_general_retention rename to away");
        awaitRounds(asked);
        execute("update away set days = 1");
        awaitRounds(asked);
        assertThat(talk.firstSeq(talk.direct)).isOne();
        execute("alter table away rename to server_general_retention");
        talk.directExpiresOnBothNodes();
        awaitRounds(asked);
        assertThat(talk.firstSeq(talk.direct)).isEqualTo(2);
        assertThat(talk.firstSeq(talk.group)).as("has a time of its own").isOne();
      }
      assertThat(talk.general(null).get("set_days").isNull()).isTrue();
      assertThat(general.inForce()).contains(Duration.ofDays(2));
    }
  }

  private static void awaitRounds(AtomicInteger asked) {
    int before = asked.get();
    await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() > before + 2);
  }

  @Tag("thorough")
  @Test
  void nodesGoByTheGeneralRetentionInTheirNextRound() throws Exception {
    try (ChatServer north = node("--retention-days=0");
        ChatServer south = node("--retention-days=1000")) {
      OldTalk talk = OldTalk.between(north, south, "hugo", "ines");
      talk.keepGroup(30);
      JsonNode set =
          JsonObjects.parse(admin("retention", "--days=1", "--reason=policy", "--json").out());
      assertThat(set.get("general_days").asInt()).isOne();
      execute("update chat_retention_round set begun_at = '-infinity'"); // it is due anew
      assertThat(admin("audit").out()).contains("1 days: policy");
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(talk.firstSeq(talk.direct)).isEqualTo(2));
      talk.directExpiresOnBothNodes();
      assertThat(talk.firstSeq(talk.group)).isOne();
      assertThat(admin("retention", "--days=1").err()).contains("reason is missing");
      assertThat(admin("retention", "--general", "--reason=x").err()).contains("give one of");
      assertThat(admin("retention", "--days=1", "--forever", "--reason=x").err())
          .contains("give one of");
      assertThat(admin("retention", talk.group, "--forever", "--reason=x").err())
          .contains("give one of");
      assertThat(admin("retention", "--forever", "--reason=x").out()).contains("set_days:");
      assertThat(admin("retention", "--default", "--reason=x").code()).isZero();
      assertThat(admin("audit").out()).contains("for ever: x", "as the nodes are set: x");
    }
  }

  private static AdminShell.Result admin(String... words) {
    List<String> all = new ArrayList<>(List.of("--database-url=" + database));
    all.addAll(List.of(words));
    return AdminShell.run(all.toArray(String[]::new));
  }
}
