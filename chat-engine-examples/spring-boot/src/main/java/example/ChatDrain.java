package example;

import chat.engine.protocol.ChatProtocol;
import java.time.Duration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Sends the clients to another node after the last request was answered, while sockets are open.
 */
@Component
record ChatDrain(ChatProtocol protocol) implements SmartLifecycle {
  @Override
  public void start() {}

  @Override
  public void stop() {
    protocol.drain(Duration.ofSeconds(5));
  }

  @Override
  public boolean isRunning() {
    return true;
  }

  @Override
  public int getPhase() {
    return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE - 1;
  }
}
