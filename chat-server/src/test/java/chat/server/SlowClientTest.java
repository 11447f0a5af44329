package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Tag("thorough")
@Timeout(120)
final class SlowClientTest {
  private static final int MESSAGES = 400;

  @Test
  void whoDoesNotReadForAWhileIsToldToSyncAndMissesNothing() throws Exception {
    try (ChatServer server =
        TestServer.start(
            "--max-text-bytes=65536", "--messages-per-second=100000", "--direct-policy=anyone")) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient bob = ChatClient.registered(server, "bob");
      ada.connect();
      bob.connect();
      bob.sleep();
      String text = "x".repeat(65_536);
      String talk = "";
      for (int i = 0; i < MESSAGES; i++) {
        ObjectNode ack = ada.send("bob", "m" + i, text);
        assertThat(ack.get("type").asString()).isEqualTo("ok");
        talk = ack.get("conversation_id").asString();
      }

      bob.wake();
      List<Long> seqs = new ArrayList<>();
      ObjectNode frame = bob.nextFrame();
      for (; !type(frame).equals("resync"); frame = bob.nextFrame()) {
        if (type(frame).equals("message")) {
          seqs.add(frame.get("seq").asLong());
        }
      }
      assertThat(seqs).isNotEmpty().hasSizeLessThan(MESSAGES);
      long cursor = seqs.get(seqs.size() - 1);
      ObjectNode sync = JsonObjects.object().put("type", "sync");
      sync.putObject("cursors").putObject(talk).put("seq", cursor);
      JsonNode state = bob.ask(sync).get("conversations").get(0);
      assertThat(state.get("last_seq").asLong()).isEqualTo(MESSAGES);
      state.path("missed").forEach(message -> seqs.add(message.get("seq").asLong()));
      while (seqs.get(seqs.size() - 1) < MESSAGES) {
        ObjectNode page =
            bob.ask(
                JsonObjects.object()
                    .put("type", "history")
                    .put("conversation_id", talk)
                    .put("after", seqs.get(seqs.size() - 1)));
        page.get("messages").forEach(message -> seqs.add(message.get("seq").asLong()));
      }
      assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, MESSAGES).boxed().toList());

      ada.send("bob", "last", "are you back?");
      ObjectNode live = bob.next("message");
      assertThat(live.get("seq").asLong()).isEqualTo(MESSAGES + 1);
    }
  }

  private static String type(ObjectNode frame) {
    return frame.path("type").asString("");
  }
}
