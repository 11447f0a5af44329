package chat.engine.examples.console;

import chat.engine.examples.console.link.Requests;
import chat.engine.examples.server.ServerSession;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Stands for a session that is made after those who use it. Thread-safe. */
final class SessionHolder implements Requests {
  private volatile @Nullable ServerSession session;

  void use(ServerSession opened) {
    session = opened;
  }

  @Override
  public CompletableFuture<ObjectNode> ask(ObjectNode request) {
    ServerSession opened = session;
    if (opened == null) {
      throw new IllegalStateException("not connected yet");
    }
    return opened.ask(request);
  }
}
