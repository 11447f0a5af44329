package chat.engine.examples.console.link;

import chat.engine.examples.server.ServerApi;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ObjectNode;

/** Asks the server. Thread-safe. */
public final class Link {
  private static final int ANSWER_SECONDS = 15;

  private final Requests requests;

  public Link(Requests requests) {
    this.requests = requests;
  }

  /** A request of a type of the protocol, to be filled. */
  public static ObjectNode request(String type) {
    return ServerApi.object().put("type", type);
  }

  /** Returns at once. */
  public CompletableFuture<ObjectNode> start(ObjectNode request) {
    return requests.ask(request);
  }

  /**
   * Blocks until the reply is there.
   *
   * @throws Refusal if there is none, or it is an error
   */
  public ObjectNode ask(ObjectNode request) {
    try {
      return requests.ask(request).get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException fault) {
      throw new Refusal(Reasons.of(fault));
    } catch (TimeoutException late) {
      throw new Refusal("The server has not answered yet. Try again in a moment.");
    } catch (InterruptedException interrupted) {
      throw new Refusal("You did not wait for the answer.");
    }
  }
}
