package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatEngine;
import chat.engine.EncodedChatListener;
import chat.engine.event.Resync;
import chat.engine.memory.InMemoryMessageStore;
import chat.server.accounts.AccessTokens;
import chat.server.accounts.Accounts;
import chat.server.accounts.BearerTokens;
import chat.server.accounts.Contacts;
import chat.server.accounts.GroupNames;
import chat.server.accounts.Logins;
import chat.server.accounts.Passwords;
import chat.server.conversations.Conversations;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.ServerDatabase;
import chat.server.uri.AllowedOrigins;
import chat.server.wire.ChatEndpoint;
import chat.server.wire.EventJson;
import chat.server.ws.ConnectionAcceptor;
import chat.server.ws.ConnectionListener;
import chat.server.ws.UpgradeRequest;
import chat.server.ws.WebSocketConnection;
import chat.server.ws.WebSocketEndpoint;
import chat.server.ws.WebSocketLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class WelcomeTest {
  @TempDir Path directory;

  /** Whoever is let in has an event handed to it while the server still looks up who it is. */
  private record Early(ChatEndpoint chat, EventJson encoder) implements ConnectionAcceptor {
    @Override
    public boolean admits(UpgradeRequest request) {
      return chat.admits(request);
    }

    @Override
    public ConnectionListener open(WebSocketConnection connection, UpgradeRequest request) {
      ConnectionListener listener = chat.open(connection, request);
      Resync event = new Resync();
      ((EncodedChatListener) listener).onEvent(null, event, encoder.encode(event));
      return listener;
    }
  }

  @Test
  void theWelcomeIsTheFirstFrameAndAnEventThatCameBeforeItIsNotLost() throws Exception {
    BlockingQueue<Runnable> lookUps = new LinkedBlockingQueue<>();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    EventJson encoder = new EventJson();
    try (EmbeddedDatabase postgres = EmbeddedDatabase.start(directory);
        ServerDatabase database =
            ServerDatabase.open(postgres.address(), 4, new SimpleMeterRegistry());
        ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      InstantSource clock = InstantSource.system();
      Accounts accounts = new Accounts(database.jdbi(), new Passwords(1), true);
      byte[] key = Logins.sharedKey(database.jdbi());
      AccessTokens tokens = new AccessTokens(key, Duration.ofMinutes(15), clock);
      Logins logins =
          new Logins(
              database.jdbi(),
              accounts,
              tokens,
              key,
              Duration.ofDays(1),
              Duration.ofMinutes(1),
              clock);
      Contacts contacts = new Contacts(database.jdbi(), accounts);
      Conversations conversations =
          new Conversations(
              engine,
              accounts,
              contacts,
              new GroupNames(database.jdbi()),
              Conversations.DirectPolicy.CONTACTS);
      ChatEndpoint chat =
          new ChatEndpoint(
              engine,
              conversations,
              contacts,
              logins,
              new BearerTokens(tokens, null),
              lookUps::add,
              new ChatEndpoint.Settings(
                  "node",
                  "epoch",
                  Duration.ofSeconds(30),
                  1000,
                  1000,
                  50,
                  1,
                  new AllowedOrigins(List.of())),
              time -> {});
      accounts.register("ada", "ada@example.org", "correct horse");
      String token = logins.logIn("ada@example.org", "correct horse").access().value();
      try (WebSocketEndpoint endpoint =
          WebSocketEndpoint.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              WebSocketLimits.defaults(),
              new Early(chat, encoder),
              1)) {
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .header("Authorization", "Bearer " + token)
            .buildAsync(
                URI.create("ws://127.0.0.1:" + endpoint.port() + ChatEndpoint.PATH),
                new Listener(heard))
            .get(10, TimeUnit.SECONDS);
        lookUps.take().run();
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("\"welcome\"");
        assertThat(heard.poll(10, TimeUnit.SECONDS)).contains("\"resync\"");
      }
    }
  }

  private record Listener(BlockingQueue<String> heard) implements WebSocket.Listener {
    @Override
    public CompletableFuture<?> onText(WebSocket socket, CharSequence data, boolean last) {
      heard.add(data.toString());
      socket.request(1);
      return null;
    }
  }
}
