package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The name of a group is the same everywhere, whatever fails, and a retry finds the group. */
@Timeout(120)
final class GroupNamesTest {
  private static String database;
  private static ChatServer north;
  private static ChatServer south;
  private static ChatClient ada;
  private static ChatClient bob;

  @BeforeAll
  static void start() throws Exception {
    database = TestServer.freshDatabase();
    north = node();
    south = node();
    ada = ChatClient.registered(north, "ada");
    bob = ChatClient.registered(south, "bob");
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
    ada.connect();
    bob.connect();
  }

  private static ChatServer node() throws Exception {
    return TestServer.start("--database-url=" + database, "--router=postgres");
  }

  @AfterAll
  static void stop() {
    north.close();
    south.close();
  }

  @Test
  void whatCannotBeANameIsNoUserThatIsMissing() throws Exception {
    for (String name : List.of("", "x".repeat(65))) {
      ObjectNode create = JsonObjects.object().put("name", "odd").put("type", "create_group");
      create.putArray("members").add(name);
      ChatClient.Reply reply = ada.call("POST", "/v1/groups", create);
      assertThat(reply.error()).isEqualTo("bad_request");
      assertThat(reply.body().toString()).contains("members must have 1 to 64 characters each");
      assertThat(ada.ask(create.put("id", "odd")).get("code").asString()).isEqualTo("bad_request");
    }
  }

  private static void execute(String sql) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static long count(String what) throws Exception {
    try (Connection connection = DriverManager.getConnection(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + what)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Names cannot be changed until it is closed. */
  private static AutoCloseable failing(String when) throws Exception {
    execute(
        "create or replace function refuse() returns trigger language plpgsql as"
            + " $$ begin raise 'no'; end $$");
    execute(
        "create trigger refuse before update on server_group for each row when ("
            + when
            + ") execute function refuse()");
    return () -> execute("drop trigger refuse on server_group");
  }

  private static ObjectNode request(String type) {
    return JsonObjects.object().put("type", type);
  }

  private static ObjectNode create(String name) {
    ObjectNode create = request("create_group").put("name", name);
    create.putArray("members").add("bob");
    return create;
  }

  private static void expect(String codeOrOk, ObjectNode reply) {
    assertThat(reply.path("code").asString(reply.get("type").asString()))
        .as(reply.toString())
        .isEqualTo(codeOrOk);
  }

  private static ObjectNode send(ChatClient sender, String group, String id) throws Exception {
    return sender.ask(
        request("send").put("group", group).put("client_message_id", id).put("text", "hello"));
  }

  // ---- one truth

  @Test
  void aCreationThatFailsHalfwayLeavesNeitherAGroupNorItsName() throws Exception {
    try (AutoCloseable fault = failing("new.name = 'halfway'")) {
      expect("internal", ada.ask(create("halfway")));
    }
    assertThat(count("chat_conversations where name = 'halfway'")).isZero();
    assertThat(count("server_group where name = 'halfway'")).isZero();
    expect("not_found", send(ada, "halfway", "1"));
    expect("ok", ada.ask(create("halfway")));
    expect("ok", send(ada, "halfway", "1"));
  }

  @Test
  void aRenamingThatFailsHalfwayChangesNeitherTheGroupNorItsName() throws Exception {
    ObjectNode created = ada.ask(create("before"));
    expect("ok", created);
    ObjectNode rename =
        request("rename_group")
            .put("conversation_id", created.get("conversation_id").asString())
            .put("name", "after");
    try (AutoCloseable fault = failing("new.name = 'after'")) {
      expect("internal", ada.ask(rename.deepCopy()));
    }
    assertThat(count("chat_conversations where name = 'after'")).isZero();
    assertThat(count("server_group where name = 'after'")).isZero();
    expect("ok", send(bob, "before", "1"));
    expect("not_found", send(bob, "after", "1"));

    expect("ok", ada.ask(rename.deepCopy()));
    ObjectNode renamed = bob.next("conversation");
    while (!renamed.path("name").asString("").equals("after")) {
      renamed = bob.next("conversation");
    }
    assertThat(renamed.get("change").get("by").asString()).isEqualTo("ada");
    expect("ok", send(bob, "after", "2"));
    assertThat(count("chat_conversations where name = 'after'")).isEqualTo(1);
    expect("ok", ada.ask(rename)); // it has the name
    expect("forbidden", bob.ask(rename.deepCopy().put("name", "mine")));
    expect("forbidden", bob.ask(rename.deepCopy()));
  }

  @Test
  void anUpdateWithANameTakesItAndWithoutOneLeavesItAlone() throws Exception {
    String group = ada.ask(create("old name")).get("conversation_id").asString();
    expect("ok", ada.ask(create("taken")));
    ObjectNode update = request("update_group").put("conversation_id", group);
    expect("ok", ada.ask(update.deepCopy().put("name", "old name").put("description", "a")));
    expect("conflict", ada.ask(update.deepCopy().put("name", "taken").put("description", "b")));
    assertThat(count("chat_conversations where description = 'b'")).isZero();
    try (AutoCloseable fault = failing("new.name = 'new name'")) {
      expect(
          "internal", ada.ask(update.deepCopy().put("name", "new name").put("description", "c")));
    }
    assertThat(count("server_group where name = 'new name'")).isZero();
    expect("ok", ada.ask(update.deepCopy().put("name", "new name").put("description", "c")));
    assertThat(count("chat_conversations where name = 'new name' and description = 'c'")).isOne();
    assertThat(count("server_group where name = 'new name'")).isOne();
    expect("ok", ada.ask(create("old name")));
    ObjectNode changed = bob.next("conversation");
    while (!changed.path("name").asString("").equals("new name")) {
      changed = bob.next("conversation");
    }
    assertThat(changed.get("change").get("kind").asString()).isEqualTo("updated");
    assertThat(changed.get("change").get("description").asString()).isEqualTo("c");
    expect("ok", send(bob, "new name", "3"));
    expect("forbidden", bob.ask(update.deepCopy().put("name", "mine")));
    expect("forbidden", bob.ask(update.deepCopy().put("name", "new name")));
    expect("forbidden", bob.ask(update.deepCopy().put("description", "mine")));
  }

  // ---- what a connection knows

  /** Until it is closed, each look-up of a name fails. */
  private static AutoCloseable withoutNames() throws Exception {
    List<String> tables = List.of("server_group", "server_account", "server_contact");
    for (String table : tables) {
      execute("alter table " + table + " rename to " + table + "_away");
    }
    return () -> {
      for (String table : tables) {
        execute("alter table " + table + "_away rename to " + table);
      }
    };
  }

  @Test
  void aSecondSendByNameAsksNoTableForTheName() throws Exception {
    expect("ok", ada.ask(create("quiet")));
    expect("ok", ada.ask(create("unheard")));
    expect("ok", send(ada, "quiet", "1"));
    expect("ok", ada.send("bob", "quiet 2", "hello"));
    try (AutoCloseable fault = withoutNames()) {
      expect("internal", send(ada, "unheard", "3"));
      expect("ok", send(ada, "quiet", "4"));
      expect("ok", ada.send("bob", "quiet 5", "hello"));
    }
  }

  private static void expectConversation(String conversation, ObjectNode reply) {
    expect("ok", reply);
    assertThat(reply.get("conversation_id").asString()).isEqualTo(conversation);
  }

  @Test
  void theNameOfAGroupThatOneWasRemovedFromMayBecomeAnothers() throws Exception {
    String first = ada.ask(create("club")).get("conversation_id").asString();
    expectConversation(first, send(bob, "club", "1"));
    ObjectNode remove = request("remove_members").put("conversation_id", first);
    remove.putArray("members").add("bob");
    expect("ok", ada.ask(remove));
    untilBobSees("removed");
    expect("not_found", send(bob, "club", "2"));
    expect(
        "ok",
        ada.ask(request("rename_group").put("conversation_id", first).put("name", "old club")));
    String second = ada.ask(create("club")).get("conversation_id").asString();
    expectConversation(second, send(bob, "club", "3"));
  }

  @Test
  void theNameOfADeletedGroupMayBecomeAnothers() throws Exception {
    String first = ada.ask(create("choir")).get("conversation_id").asString();
    expectConversation(first, send(bob, "choir", "1"));
    AdminShell.Result deleted =
        AdminShell.run(
            "delete-conversation", first, "--yes", "--reason=test", "--database-url=" + database);
    assertThat(deleted.code()).as(deleted.err()).isZero();
    String second = ada.ask(create("choir")).get("conversation_id").asString();
    untilBobSees("deleted");
    expectConversation(second, send(bob, "choir", "2"));
  }

  private static void untilBobSees(String change) throws Exception {
    ObjectNode changed = bob.next("conversation");
    while (!changed.path("change").path("kind").asString("").equals(change)) {
      changed = bob.next("conversation");
    }
  }

  // ---- retries

  @Test
  void aRetryOnAnyNodeAnswersWithTheFirstGroup() throws Exception {
    ChatClient elsewhere = new ChatClient(south);
    elsewhere.logIn("ada@example.org", "correct horse");
    elsewhere.connect();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 10; round++) {
        ObjectNode create = create("once " + round).put("client_group_id", "g" + round);
        List<Future<ObjectNode>> replies = new ArrayList<>();
        for (ChatClient client : List.of(ada, elsewhere)) {
          ObjectNode copy = create.deepCopy();
          replies.add(threads.submit(() -> client.ask(copy)));
        }
        Set<String> groups = new HashSet<>();
        for (Future<ObjectNode> reply : replies) {
          expect("ok", reply.get());
          groups.add(reply.get().get("conversation_id").asString());
        }
        assertThat(groups).hasSize(1);
        assertThat(count("chat_conversations where name = 'once " + round + "'")).isEqualTo(1);
      }
    } finally {
      threads.shutdownNow();
    }
    ObjectNode other = ada.ask(create("once 0").put("client_group_id", "another"));
    expect("conflict", other);
    expect(
        "conflict",
        bob.ask(request("create_group").put("name", "once 0").put("client_group_id", "g0")));
    expect("bad_request", ada.ask(create("x").put("client_group_id", "x".repeat(65))));
    expect("bad_request", ada.ask(create("x").put("client_group_id", "a\nb")));
  }

  @Test
  void aRetryWithAnotherNameAnswersWithTheGroupAsItIsOrAsItWasAskedForToOneWhoHasLeft()
      throws Exception {
    ObjectNode create = create("first").put("client_group_id", "kept");
    ObjectNode first = ada.ask(create.deepCopy());
    String group = first.get("conversation_id").asString();
    ObjectNode rename = request("rename_group").put("conversation_id", group).put("name", "second");
    expect("ok", ada.ask(rename));
    ObjectNode again = ada.ask(create.deepCopy().put("name", "third"));
    assertThat(again.get("conversation_id").asString()).isEqualTo(group);
    assertThat(again.get("name").asString()).isEqualTo("second");
    assertThat(count("chat_conversations where name = 'third'")).isZero();

    ObjectNode handOver = request("set_role").put("conversation_id", group).put("role", "owner");
    handOver.putArray("members").add("bob");
    expect("ok", ada.ask(handOver));
    expect("ok", ada.ask(request("leave").put("conversation_id", group)));
    expect("ok", bob.ask(rename.deepCopy().put("name", "secret")));
    ObjectNode late = ada.ask(create.deepCopy());
    assertThat(late.get("conversation_id").asString()).isEqualTo(group);
    assertThat(late.get("name").asString()).isEqualTo("first");
  }

  @Test
  void aConflictNamesTheGroupToItsMembersOnly() throws Exception {
    ChatClient eve = ChatClient.registered(south, "eve");
    ObjectNode body = JsonObjects.object().put("name", "lost reply");
    body.putArray("members").add("bob");
    JsonNode created = ada.call("POST", "/v1/groups", body).body();
    for (ChatClient member : List.of(ada, bob)) {
      ChatClient.Reply conflict =
          member.call("POST", "/v1/groups", JsonObjects.object().put("name", "lost reply"));
      assertThat(conflict.status()).isEqualTo(409);
      JsonNode error = conflict.body().get("error");
      assertThat(error.get("id")).isEqualTo(created.get("id"));
      assertThat(error.get("conversation_id")).isEqualTo(created.get("conversation_id"));
    }
    ChatClient.Reply stranger =
        eve.call("POST", "/v1/groups", JsonObjects.object().put("name", "lost reply"));
    assertThat(stranger.status()).isEqualTo(409);
    assertThat(stranger.body().get("error").has("conversation_id")).isFalse();
    assertThat(stranger.body().get("error").has("id")).isFalse();
  }

  // ---- what can be a name

  @Test
  void aNameCanBeSeenAndIsWhatItLooksLike() throws Exception {
    for (String name :
        List.of(
            "", " ", "\u3000", "\u200b", "\u3164", "hi\u202ekers", "hi\u200bkers", "a\u2028b")) {
      ChatClient.Reply refusal =
          ada.call("POST", "/v1/groups", JsonObjects.object().put("name", name));
      assertThat(refusal.error()).as(name).isEqualTo("bad_request");
      assertThat(refusal.body().toString()).doesNotContain("surrogate", "index");
      expect("bad_request", ada.ask(request("create_group").put("name", name)));
    }
    expect("ok", ada.ask(create("❤️‍🔥 می")));
  }
}
