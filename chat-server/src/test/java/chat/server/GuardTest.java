package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;

/** Limits on guessing, registering and calling, and what is counted of it. */
@Timeout(120)
final class GuardTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static HttpResponse<String> call(
      ChatServer server, String method, String path, String client, ObjectNode body)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body.toString()))
            .header("X-Forwarded-For", client)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> logIn(
      ChatServer server, String email, String password, String client) throws Exception {
    return call(
        server,
        "POST",
        "/v1/auth/login",
        client,
        JsonObjects.object().put("email", email).put("password", password));
  }

  private static HttpResponse<String> register(ChatServer server, String name, String client)
      throws Exception {
    return call(
        server,
        "POST",
        "/v1/auth/register",
        client,
        JsonObjects.object()
            .put("username", name)
            .put("email", name + "@example.org")
            .put("password", "correct horse"));
  }

  private static double counted(ChatServer server, String event) throws Exception {
    String metrics = call(server, "GET", "/metrics", "192.0.2.1", JsonObjects.object()).body();
    Matcher line =
        Pattern.compile("chat_security_events_total\\{event=\"" + event + "\"} ([0-9.E]+)")
            .matcher(metrics);
    assertThat(line.find()).as(event).isTrue();
    return Double.parseDouble(line.group(1));
  }

  @Test
  void afterTooManyWrongPasswordsTheRightOneIsNotLookedAtEither() throws Exception {
    try (ChatServer server = TestServer.start("--failed-logins-per-account=3")) {
      register(server, "ada", "192.0.2.1");
      for (int i = 0; i < 3; i++) {
        assertThat(logIn(server, "ada@example.org", "guess " + i, "192.0.2." + i).statusCode())
            .isEqualTo(401);
      }
      HttpResponse<String> locked = logIn(server, "ADA@example.org", "correct horse", "192.0.2.9");
      assertThat(locked.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(locked.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 300);
      assertThat(counted(server, "login_failed")).isEqualTo(3);
      assertThat(counted(server, "login_limited")).isEqualTo(1);

      for (int i = 0; i < 3; i++) {
        HttpResponse<String> nobody = logIn(server, "no@example.org", "x", "192.0.2." + i);
        assertThat(nobody.statusCode()).as("an address that nobody has").isEqualTo(401);
      }
      HttpResponse<String> nobody = logIn(server, "no@example.org", "x", "192.0.2.9");
      assertThat(nobody.statusCode()).isEqualTo(429);
      assertThat(nobody.body()).isEqualTo(locked.body());
    }
  }

  @Test
  void whoGuessesElsewhereDoesNotLockTheOwnerOut() throws Exception {
    try (ChatServer server = TestServer.start("--failed-logins-per-account=3")) {
      register(server, "ada", "192.0.2.1");
      assertThat(logIn(server, "ada@example.org", "correct horse", "192.0.2.1").statusCode())
          .isEqualTo(201);
      for (int i = 0; i < 3; i++) {
        logIn(server, "ada@example.org", "guess", "203.0.113.1");
      }
      assertThat(logIn(server, "ada@example.org", "correct horse", "203.0.113.1").statusCode())
          .isEqualTo(429);
      assertThat(logIn(server, "ada@example.org", "correct horse", "192.0.2.1").statusCode())
          .isEqualTo(201);
      for (int i = 0; i < 20; i++) {
        assertThat(logIn(server, "ada@example.org", "correct horse", "192.0.2.1").statusCode())
            .as("right passwords cost nothing")
            .isEqualTo(201);
      }
    }
  }

  @Test
  void guessesFromOneAddressAreLimitedForAllAccountsTogether() throws Exception {
    try (ChatServer server = TestServer.start("--failed-logins-per-address=5")) {
      register(server, "ada", "192.0.2.1");
      for (int i = 0; i < 5; i++) {
        assertThat(logIn(server, "user" + i + "@example.org", "x", "203.0.113.1").statusCode())
            .isEqualTo(401);
      }
      assertThat(logIn(server, "ada@example.org", "correct horse", "203.0.113.1").statusCode())
          .isEqualTo(429);
      assertThat(logIn(server, "ada@example.org", "correct horse", "203.0.113.2").statusCode())
          .isEqualTo(201);
    }
  }

  @Test
  void aPasswordThatIsAskedForAgainCannotBeGuessedEither() throws Exception {
    try (ChatServer server = TestServer.start("--failed-logins-per-account=3")) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ObjectNode change = JsonObjects.object().put("new_password", "battery staple");
      for (int i = 0; i < 2; i++) {
        change.put("old_password", "guess " + i);
        assertThat(ada.call("PUT", "/v1/auth/password", change).status()).isEqualTo(403);
      }
      ObjectNode erasure = JsonObjects.object().put("password", "guess");
      assertThat(ada.call("DELETE", "/v1/account", erasure).status()).isEqualTo(403);
      change.put("old_password", "correct horse");
      assertThat(ada.call("PUT", "/v1/auth/password", change).error()).isEqualTo("rate_limited");
      erasure.put("password", "correct horse");
      assertThat(ada.call("DELETE", "/v1/account", erasure).error()).isEqualTo("rate_limited");
    }
  }

  @Test
  void oneAddressRegistersSoManyAnHour() throws Exception {
    try (ChatServer server = TestServer.start("--registrations-per-address=2")) {
      assertThat(register(server, "a", "192.0.2.1").statusCode()).isEqualTo(201);
      assertThat(register(server, "b", "192.0.2.1").statusCode()).isEqualTo(201);
      HttpResponse<String> third = register(server, "c", "192.0.2.1");
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(third.body()).contains("rate_limited");
      assertThat(register(server, "c", "192.0.2.2").statusCode()).isEqualTo(201);
      assertThat(counted(server, "registration_limited")).isEqualTo(1);
    }
  }

  @Test
  void whatFailsThroughNoFaultOfTheClientIsNotCounted() throws Exception {
    String database = TestServer.freshDatabase();
    try (ChatServer server =
            TestServer.start(
                "--database-url=" + database,
                "--registrations-per-address=2",
                "--failed-logins-per-account=2");
        Connection connection = DriverManager.getConnection(database)) {
      assertThat(register(server, "ada", "192.0.2.2").statusCode()).isEqualTo(201);
      connection.createStatement().execute("alter table server_account rename to away");
      for (int i = 0; i < 3; i++) {
        assertThat(register(server, "a" + i, "192.0.2.1").statusCode()).isEqualTo(500);
        assertThat(logIn(server, "ada@example.org", "x", "192.0.2.1").statusCode()).isEqualTo(500);
      }
      connection.createStatement().execute("alter table away rename to server_account");
      assertThat(logIn(server, "ada@example.org", "correct horse", "192.0.2.1").statusCode())
          .isEqualTo(201);
      assertThat(register(server, "ada", "192.0.2.1").statusCode()).isEqualTo(409);
      assertThat(register(server, "b", "192.0.2.1").statusCode()).isEqualTo(201);
      assertThat(register(server, "c", "192.0.2.1").statusCode())
          .as("a name that is taken is counted")
          .isEqualTo(429);
    }
  }

  @Test
  void anAddressThatAClientMadeUpChangesNothing() throws Exception {
    try (ChatServer server =
        TestServer.start("--registrations-per-address=1", "--trusted-proxies=192.0.2.0/24")) {
      assertThat(register(server, "a", "198.51.100.1").statusCode()).isEqualTo(201);
      assertThat(register(server, "b", "198.51.100.2").statusCode()).isEqualTo(429);
    }
  }

  @Test
  void aUserMakesSoManyCallsWithAllTokensTogether() throws Exception {
    try (ChatServer server = TestServer.start("--calls-per-second-per-user=1")) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient again = new ChatClient(server);
      again.logIn("ada@example.org", "correct horse");
      ChatClient bob = ChatClient.registered(server, "bob");
      int served = 0;
      for (int i = 0; i < 40; i++) {
        ChatClient.Reply reply = (i % 2 == 0 ? ada : again).call("GET", "/v1/contact", "");
        served += reply.status() == 200 ? 1 : 0;
      }
      assertThat(served).isBetween(10, 25);
      assertThat(ada.call("GET", "/v1/contact", "").error()).isEqualTo("rate_limited");
      assertThat(bob.call("GET", "/v1/contact", "").status()).isEqualTo(200);
      assertThat(ada.exchange("GET", "/healthz", "").statusCode()).isEqualTo(200);
      assertThat(counted(server, "call_limited")).isPositive();
    }
  }

  @Test
  void anAddressMakesSoManyCallsWithoutAnyToken() throws Exception {
    try (ChatServer server = TestServer.start("--calls-per-second-per-address=1")) {
      int unauthorized = 0;
      for (int i = 0; i < 40; i++) {
        HttpResponse<String> reply =
            call(server, "GET", "/v1/contact", "192.0.2.1", JsonObjects.object());
        unauthorized += reply.statusCode() == 401 ? 1 : 0;
      }
      assertThat(unauthorized).isBetween(10, 25);
      assertThat(call(server, "GET", "/v1/contact", "192.0.2.2", JsonObjects.object()).statusCode())
          .isEqualTo(401);
    }
  }

  @Test
  void refusedHandshakesAndTokensThatWereStolenAreCounted() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ada.open("?otp=made-up&username=ada");
      assertThat(ada.closeCode()).isEqualTo(4401);
      assertThat(counted(server, "handshake_unauthorized")).isEqualTo(1);
      try {
        HTTP.newWebSocketBuilder()
            .header("Origin", "https://evil.example.org")
            .buildAsync(
                URI.create("ws://127.0.0.1:" + server.wsPort() + "/v1/ws"),
                new java.net.http.WebSocket.Listener() {})
            .join();
        throw new AssertionError("was let in");
      } catch (CompletionException refused) {
        assertThat(refused.getCause())
            .isInstanceOfAny(WebSocketHandshakeException.class, java.io.IOException.class);
      }
      assertThat(counted(server, "handshake_origin")).isEqualTo(1);
      ObjectNode token = JsonObjects.object().put("refresh_token", ada.refreshToken);
      ObjectNode next = (ObjectNode) ada.call("POST", "/v1/auth/token", token).body();
      ObjectNode second =
          JsonObjects.object().put("refresh_token", next.get("refresh_token").asString());
      assertThat(ada.call("POST", "/v1/auth/token", second).status()).isEqualTo(201);
      assertThat(ada.call("POST", "/v1/auth/token", token).status()).isEqualTo(401);
      assertThat(counted(server, "refresh_token_reused")).isEqualTo(1);
      ChatClient bob = ChatClient.registered(server, "bob");
      assertThat(bob.call("GET", "/v1/admin/users", "").status()).isEqualTo(403);
      assertThat(counted(server, "admin_refused")).isEqualTo(1);
    }
  }
}
