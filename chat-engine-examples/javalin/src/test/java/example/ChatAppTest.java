package example;

import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.engine.memory.InMemoryMessageStore;
import io.javalin.Javalin;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ChatAppTest {
  private final Javalin app = ChatApp.start(new InMemoryMessageStore(), 0);
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    app.stop();
  }

  @Test
  void twoUsersTalk() throws Exception {
    BlockingQueue<String> ada = new LinkedBlockingQueue<>();
    BlockingQueue<String> bob = new LinkedBlockingQueue<>();
    WebSocket socket = connect("ada", ada);
    connect("bob", bob);
    await(ada, "welcome");
    await(bob, "welcome");
    socket.sendText(
        "{\"type\":\"send\",\"id\":\"1\",\"to\":\"bob\",\"client_message_id\":\"c1\",\"text\":\"hello\"}",
        true);
    await(ada, "\"seq\":1"); // committed
    await(bob, "\"hello\"");
  }

  @Test
  void theClientComesFromTheLibrary() throws Exception {
    assertTrue(get("/webjars/chat-engine/chat-client.js").contains("export class ChatClient"));
    assertTrue(get("/").contains("chat-client.js"));
  }

  private String get(String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + app.port() + path)).build(),
            BodyHandlers.ofString())
        .body();
  }

  private WebSocket connect(String user, BlockingQueue<String> frames) {
    URI uri = URI.create("ws://127.0.0.1:" + app.port() + "/chat?user=" + user);
    return http.newWebSocketBuilder().buildAsync(uri, new Frames(frames)).join();
  }

  private static void await(BlockingQueue<String> frames, String part) throws Exception {
    String frame = "";
    while (!frame.contains(part)) {
      frame = frames.poll(20, TimeUnit.SECONDS);
      assertTrue(frame != null, "no frame with " + part);
    }
  }

  private static final class Frames implements WebSocket.Listener {
    private final BlockingQueue<String> frames;
    private final StringBuilder text = new StringBuilder();

    Frames(BlockingQueue<String> frames) {
      this.frames = frames;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        frames.add(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }
}
