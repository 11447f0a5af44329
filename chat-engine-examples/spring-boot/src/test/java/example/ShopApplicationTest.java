package example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.GroupKey;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@Timeout(120)
final class ShopApplicationTest {
  private static EmbeddedPostgres postgres;
  private static ConfigurableApplicationContext first;
  private static ConfigurableApplicationContext second;

  @BeforeAll
  static void start() throws Exception {
    postgres = TwoNodes.postgres();
    first = TwoNodes.node(postgres, 0);
    second = TwoNodes.node(postgres, 0);
  }

  @AfterAll
  static void stop() throws Exception {
    second.close();
    first.close();
    postgres.close();
  }

  @Test
  void usersOnTwoNodesTalk() throws Exception {
    Client ada = new Client(first, "ada").connect();
    Client bob = new Client(second, "bob").connect();
    ada.send("bob", "hello");
    ada.await("\"seq\":1"); // committed
    bob.await("\"hello\"");
    bob.send("ada", "x".repeat(16_000));
    ada.await("x".repeat(16_000));
  }

  @Test
  void anOrderIsShownOnTheOtherNode() throws Exception {
    Client bob = new Client(second, "bob").connect();
    HttpResponse<String> answer = new Client(first, "ada").order("a bridge");
    assertThat(answer.statusCode()).isEqualTo(200);
    bob.await("Ordered: a bridge");
    assertThat(orders("a bridge")).isEqualTo(1);
  }

  @Test
  void withoutItsMessageThereIsNoOrder() throws Exception {
    String tooLong = "y".repeat(20_000);
    assertThat(new Client(first, "ada").order(tooLong).statusCode()).isEqualTo(500);
    assertThat(orders(tooLong)).isZero();
  }

  @Test
  void withoutTheOrderThereIsNoMessage() {
    Orders orders = first.getBean(Orders.class);
    Long order =
        first
            .getBean(TransactionTemplate.class)
            .execute(
                transaction -> {
                  transaction.setRollbackOnly();
                  return orders.place(() -> "ada", "a castle");
                });
    assertThat(orders("a castle")).isZero();
    ChatEngine engine = second.getBean(ChatEngine.class);
    assertThat(engine.asApplication().find(GroupKey.of("order:" + order)).join()).isEmpty();
  }

  @Test
  void strangersGetNoSocket() {
    Client stranger = new Client(first, "eve");
    assertThatThrownBy(stranger::connect).hasMessageContaining("WebSocketHandshakeException");
  }

  @Test
  void thePageAndTheClientAreServed() throws Exception {
    Client ada = new Client(first, "ada");
    assertThat(ada.get("/")).contains("/webjars/chat-engine/chat-client.js");
    assertThat(ada.get("/webjars/chat-engine/chat-client.js")).contains("export class ChatClient");
  }

  @Test
  void healthAndMetricsTellOfTheChat() throws Exception {
    Client ada = new Client(first, "ada");
    assertThat(ada.get("/actuator/health"))
        .contains("\"chat\":{\"details\":{\"router\":true},\"status\":\"UP\"}");
    assertThat(ada.get("/actuator/metrics/chat.messages_committed")).contains("\"value\":");
  }

  @Test
  void aNodeThatStopsSendsItsClientsAway() throws Exception {
    ConfigurableApplicationContext third = TwoNodes.node(postgres, 0);
    Client ada = new Client(third, "ada").connect();
    third.close();
    ada.await("draining");
    assertThat(ada.closeCode.get(20, TimeUnit.SECONDS)).isEqualTo(1012); // not 1001 or 1006
  }

  private static int orders(String item) {
    return first
        .getBean(JdbcClient.class)
        .sql("SELECT count(*) FROM orders WHERE item = ?")
        .param(item)
        .query(Integer.class)
        .single();
  }

  /** A user's browser on one node. */
  private static final class Client implements WebSocket.Listener {
    final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
    private final BlockingQueue<String> frames = new LinkedBlockingQueue<>();
    private final StringBuilder frame = new StringBuilder();
    private final CookieManager cookies = new CookieManager();
    private final HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build();
    private final String address;
    private final String login;
    private WebSocket socket;

    Client(ConfigurableApplicationContext node, String user) {
      this.address = "127.0.0.1:" + node.getEnvironment().getProperty("local.server.port");
      byte[] namePassword = (user + ":" + user).getBytes(StandardCharsets.UTF_8);
      this.login = "Basic " + Base64.getEncoder().encodeToString(namePassword);
    }

    Client connect() throws Exception {
      socket =
          http.newWebSocketBuilder()
              .header("Authorization", login)
              .buildAsync(URI.create("ws://" + address + "/chat"), this)
              .join();
      await("welcome");
      return this;
    }

    void send(String to, String text) {
      String send =
          "{\"type\":\"send\",\"id\":\"1\",\"to\":\"%s\",\"client_message_id\":\"c1\",\"text\":\"%s\"}";
      socket.sendText(send.formatted(to, text), true);
    }

    void await(String part) throws Exception {
      String next = "";
      while (!next.contains(part)) {
        next = frames.poll(30, TimeUnit.SECONDS);
        assertThat(next).as("frame with " + part).isNotNull();
      }
    }

    String get(String path) throws Exception {
      return http.send(request(path).build(), BodyHandlers.ofString()).body();
    }

    HttpResponse<String> order(String item) throws Exception {
      get("/"); // brings the cookie
      String token =
          cookies.getCookieStore().getCookies().stream()
              .filter(cookie -> cookie.getName().equals("XSRF-TOKEN"))
              .findFirst()
              .orElseThrow()
              .getValue();
      String form = "item=" + URLEncoder.encode(item, StandardCharsets.UTF_8);
      return http.send(
          request("/orders")
              .header("X-XSRF-TOKEN", token)
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(BodyPublishers.ofString(form))
              .build(),
          BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create("http://" + address + path))
          .header("Authorization", login);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      frame.append(data);
      if (last) {
        frames.add(frame.toString());
        frame.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closeCode.complete(code);
      return null;
    }
  }
}
