package chat.engine.examples.console.link;

import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/** Where requests of the WebSocket protocol go; {@code ServerSession::ask} in the program. */
public interface Requests {
  /**
   * Returns at once. The reply fails as {@code ServerSession} says.
   *
   * @param request changed by the call: it gets an id
   */
  CompletableFuture<ObjectNode> ask(ObjectNode request);
}
