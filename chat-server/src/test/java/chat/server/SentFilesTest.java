package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
}
