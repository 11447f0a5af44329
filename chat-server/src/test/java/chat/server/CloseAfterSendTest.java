package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client sent before its close frame takes effect. */
@Timeout(120)
final class CloseAfterSendTest {
  private static final int ROUNDS = 20;

  @Test
  void aFirstSendByNameIsStoredAlthoughTheClientClosesAtOnce() throws Exception {
    try (ChatServer server = TestServer.start("--direct-policy=anyone")) {
      ChatClient.registered(server, "ada");
      for (int i = 0; i < ROUNDS; i++) {
        ChatClient friend = ChatClient.registered(server, "friend" + i);
        ChatClient ada = new ChatClient(server);
        ada.logIn("ada@example.org", "correct horse");
        ada.connect();
        ada.text(
            JsonObjects.object()
                .put("type", "send")
                .put("to", "friend" + i)
                .put("client_message_id", "m" + i)
                .put("text", "hello " + i)
                .toString());
        ada.disconnect();
        await()
            .untilAsserted(
                () ->
                    assertThat(
                            friend
                                .call("GET", "/v1/messages/friend?friendUsername=ada", "")
                                .body()
                                .toString())
                        .contains("hello"));
      }
    }
  }
}
