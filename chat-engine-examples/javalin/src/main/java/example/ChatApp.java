package example;

import chat.engine.ChatEngine;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.ProtocolConnection;
import chat.engine.protocol.QueuedTransport;
import chat.engine.protocol.Transport;
import chat.engine.protocol.verb.StandardVerbs;
import chat.engine.spi.MessageStore;
import io.javalin.Javalin;
import io.javalin.websocket.WsContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.websocket.api.WriteCallback;

/** A Javalin application with chat. Open http://127.0.0.1:7070/?user=ada in two windows. */
public final class ChatApp {
  public static void main(String[] args) {
    String url = System.getenv("DATABASE_URL"); // jdbc:postgresql://...; without it, in memory
    start(url == null ? new InMemoryMessageStore() : PostgresMessageStore.open(url, "", ""), 7070);
  }

  static Javalin start(MessageStore store, int port) {
    ChatEngine engine = ChatEngine.builder().store(store).build();
    ChatProtocol protocol =
        ChatProtocol.builder(engine)
            .open(StandardVerbs.FOLLOWING, StandardVerbs.TALKING, StandardVerbs.OPENING_DIRECT)
            .build();
    Map<String, ProtocolConnection> sockets = new ConcurrentHashMap<>();
    return Javalin.create(
            config -> {
              config.staticFiles.enableWebjars(); // the client, from the library's jar
              config.staticFiles.add("/public");
              config.events.serverStopping(() -> protocol.drain(Duration.ofSeconds(5)));
              config.events.serverStopped(engine::close);
            })
        .ws(
            "/chat",
            ws -> {
              ws.onConnect(
                  socket -> {
                    socket.enableAutomaticPings();
                    UserId user = UserId.of(socket.queryParam("user")); // your login goes here
                    sockets.put(
                        socket.sessionId(),
                        protocol.open(user, DeviceId.of("browser"), transport(socket)));
                  });
              ws.onMessage(text -> sockets.get(text.sessionId()).receive(text.message()));
              ws.onClose(socket -> sockets.remove(socket.sessionId()).closed());
            })
        .start("127.0.0.1", port);
  }

  private static Transport transport(WsContext socket) {
    return QueuedTransport.async(
        (frame, done) -> socket.session.getRemote().sendString(frame.text(), callback(done)),
        socket::closeSession);
  }

  private static WriteCallback callback(Consumer<Throwable> done) {
    return new WriteCallback() {
      @Override
      public void writeSuccess() {
        done.accept(null);
      }

      @Override
      public void writeFailed(Throwable fault) {
        done.accept(fault);
      }
    };
  }
}
