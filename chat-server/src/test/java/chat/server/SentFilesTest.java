package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.files.FileLimits;
import chat.server.files.SentFiles;
import chat.server.files.UserFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Files that are sent with messages: who may read the one may read the other. */
@Timeout(120)
final class SentFilesTest {
  private static ChatClient connected(ChatServer server, String name) throws Exception {
    ChatClient client = ChatClient.registered(server, name);
    client.connect();
    return client;
  }

  private static ObjectNode request(String type) {
    return JsonObjects.object().put("type", type).put("id", type + System.nanoTime());
  }

  private static ObjectNode send(ChatClient client, String to, String file) throws Exception {
    ObjectNode send =
        request("send")
            .put("to", to)
            .put("client_message_id", "c" + System.nanoTime())
            .put("text", "");
    send.putArray("attachments").add(file);
    return client.ask(send);
  }

  private static void befriend(ChatClient one, String other) throws Exception {
    one.ask(request("add_contact").put("username", other));
  }

  @Test
  void aFileIsReadByThoseWhoMayReadAMessageWithIt() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient ada = connected(server, "ada");
      ChatClient bob = connected(server, "bob");
      ChatClient eve = connected(server, "eve");
      befriend(ada, "bob");
      befriend(eve, "bob");
      String file =
          ada.call("POST", "/v1/files?name=notes.txt", "some notes")
              .body()
              .get("file_id")
              .asString();
      String path = "/v1/files/" + file;
      assertThat(bob.exchange("GET", path, "").statusCode()).isEqualTo(404);

      ObjectNode stolen = send(eve, "bob", file);
      assertThat(stolen.path("code").asString("")).as(stolen.toString()).isEqualTo("not_found");
      assertThat(send(ada, "bob", "unknown").path("code").asString("")).isEqualTo("not_found");

      ObjectNode sent = send(ada, "bob", file);
      assertThat(sent.get("type").asString()).as(sent.toString()).isEqualTo("ok");
      ObjectNode message = bob.next("message");
      assertThat(message.get("attachments").toString()).contains(file);
      assertThat(bob.exchange("GET", path, "").body()).as("at once").isEqualTo("some notes");
      assertThat(eve.exchange("GET", path, "").statusCode()).isEqualTo(404);
      assertThat(send(eve, "bob", file).get("message").asString())
          .as("without the conversation that it was sent to")
          .isEqualTo("there is no such file");
      assertThat(send(bob, "eve", file).get("type").asString()).as("passed on").isEqualTo("ok");
      assertThat(eve.exchange("GET", path, "").body()).isEqualTo("some notes");

      String conversation = sent.get("conversation_id").asString();
      ada.ask(
          request("delete")
              .put("conversation_id", conversation)
              .put("seq", sent.get("seq").asLong()));
      ObjectNode passedOn = eve.next("message");
      bob.ask(
          request("delete")
              .put("conversation_id", passedOn.get("conversation_id").asString())
              .put("seq", passedOn.get("seq").asLong()));
      await().until(() -> bob.exchange("GET", path, "").statusCode() == 404);
      await().until(() -> eve.exchange("GET", path, "").statusCode() == 404);
      assertThat(ada.exchange("GET", path, "").body()).as("its owner").isEqualTo("some notes");
    }
  }

  private static boolean followsFiles(ChatServer server) throws Exception {
    return new ChatClient(server).exchange("GET", "/metrics", "").body().contains("feed=\"files\"");
  }

  @Test
  void filesAreFollowedFromTheFirstOneOnByEveryNode(@TempDir Path directory) throws Exception {
    String[] flags = {
      "--database-url=" + TestServer.freshDatabase(),
      "--files-dir=" + directory,
      "--router=postgres"
    };
    try (ChatServer north = TestServer.start(flags);
        ChatServer south = TestServer.start(flags)) {
      ChatClient ada = connected(north, "ada");
      ChatClient bob = connected(south, "bob");
      befriend(ada, "bob");
      assertThat(followsFiles(north)).as("each message would be read for nothing").isFalse();
      String file = ada.call("POST", "/v1/files?name=a", "first").body().get("file_id").asString();
      assertThat(followsFiles(north)).isTrue();
      assertThat(send(ada, "bob", file).get("type").asString()).isEqualTo("ok");
      assertThat(bob.exchange("GET", "/v1/files/" + file, "").body()).isEqualTo("first");
      await().until(() -> followsFiles(south));
    }
    try (ChatServer later = TestServer.start(flags)) {
      assertThat(followsFiles(later)).isTrue();
    }
  }

  private static void age(Jdbi jdbi) {
    jdbi.useHandle(
        handle ->
            handle.execute("update server_file set created_at = now() - interval '25 hours'"));
  }

  /** What each node does every few minutes. */
  private static void sweep(Jdbi jdbi, Path directory) {
    UserFiles files =
        UserFiles.onDisk(jdbi, directory, new SentFiles(jdbi, null, null), new FileLimits(1, 1));
    files.sweep(true);
    files.close();
  }

  private static boolean isStored(Path directory, String file) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.anyMatch(path -> path.getFileName().toString().startsWith(file));
    }
  }

  @Tag("thorough")
  @Test
  void theBytesOfAFileGoWithTheLastMessageThatHasIt(@TempDir Path directory) throws Exception {
    String url = TestServer.freshDatabase();
    Jdbi jdbi = Jdbi.create(url, "postgres", "");
    try (ChatServer server =
        TestServer.start("--database-url=" + url, "--files-dir=" + directory)) {
      ChatClient ada = connected(server, "ada");
      ChatClient bob = connected(server, "bob");
      befriend(ada, "bob");
      List<String> files = new ArrayList<>();
      List<ObjectNode> sent = new ArrayList<>();
      for (String text : List.of("kept", "deleted", "of a group")) {
        files.add(ada.call("POST", "/v1/files?name=a", text).body().get("file_id").asString());
      }
      ObjectNode create = request("create_group").put("name", "hikers");
      create.putArray("members").add("bob");
      String group = ada.ask(create).get("conversation_id").asString();
      sent.add(send(ada, "bob", files.get(0)));
      sent.add(send(ada, "bob", files.get(1)));
      ObjectNode toGroup =
          request("send")
              .put("conversation_id", group)
              .put("client_message_id", "g1")
              .put("text", "");
      toGroup.putArray("attachments").add(files.get(2));
      sent.add(ada.ask(toGroup));
      assertThat(sent).allMatch(reply -> reply.get("type").asString().equals("ok"));
      for (String file : files) {
        await().until(() -> bob.exchange("GET", "/v1/files/" + file, "").statusCode() == 200);
      }
      age(jdbi);
      sweep(jdbi, directory);
      for (String file : files) {
        assertThat(isStored(directory, file)).isTrue();
      }

      ada.ask(
          request("delete")
              .put("conversation_id", sent.get(1).get("conversation_id").asString())
              .put("seq", sent.get(1).get("seq").asLong()));
      AdminShell.Result deleted =
          AdminShell.run("--database-url=" + url, "delete-conversation", group, "--yes");
      assertThat(deleted.code()).as(deleted.err()).isZero();
      for (String file : files.subList(1, 3)) {
        await()
            .until(
                () -> {
                  sweep(jdbi, directory);
                  return !isStored(directory, file);
                });
      }
      assertThat(isStored(directory, files.get(0))).isTrue();
      assertThat(bob.exchange("GET", "/v1/files/" + files.get(0), "").body()).isEqualTo("kept");
    }
  }
}
