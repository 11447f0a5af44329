package example;

import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.ProtocolConnection;
import chat.engine.protocol.QueuedTransport;
import jakarta.websocket.Session;
import org.springframework.stereotype.Component;
import org.springframework.web.socket.CloseStatus;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.adapter.standard.StandardWebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/** The WebSocket at /chat. Whoever logged in to the application is the user. */
@Component
@EnableWebSocket
class ChatSockets extends TextWebSocketHandler implements WebSocketConfigurer {
  private final ChatProtocol protocol;

  ChatSockets(ChatProtocol protocol) {
    this.protocol = protocol;
  }

  @Override
  public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
    registry.addHandler(this, "/chat");
  }

  @Override
  public void afterConnectionEstablished(WebSocketSession socket) {
    Session session = ((StandardWebSocketSession) socket).getNativeSession();
    session.setMaxTextMessageBufferSize(protocol.maxFrameBytes()); // else 8 KiB
    session.setMaxIdleTimeout(2 * protocol.heartbeat().toMillis()); // the client pings sooner
    QueuedTransport transport =
        QueuedTransport.async(
            (frame, done) ->
                session
                    .getAsyncRemote()
                    .sendText(frame.text(), result -> done.accept(result.getException())),
            (code, reason) -> socket.close(new CloseStatus(code, reason)));
    UserId user = UserId.of(socket.getPrincipal().getName());
    socket.getAttributes().put("chat", protocol.open(user, DeviceId.of("browser"), transport));
  }

  @Override
  protected void handleTextMessage(WebSocketSession socket, TextMessage text) {
    chat(socket).receive(text.getPayload());
  }

  @Override
  public void afterConnectionClosed(WebSocketSession socket, CloseStatus status) {
    chat(socket).closed();
  }

  private static ProtocolConnection chat(WebSocketSession socket) {
    return (ProtocolConnection) socket.getAttributes().get("chat");
  }
}
