package chat.engine.protocol;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import tools.jackson.databind.node.ObjectNode;

/**
 * When a request has its answer, and when the next request of the connection may begin. Immutable.
 *
 * @param answer the fields of the answer beside {@code type} and {@code id}; a failed stage is
 *     answered with its error
 * @param placed completes when the request has taken its place in the order, so that the next one
 *     cannot overtake it
 */
public record Outcome(CompletionStage<ObjectNode> answer, CompletionStage<?> placed) {
  private static final CompletionStage<?> AT_ONCE = CompletableFuture.completedFuture(null);

  /** The answer is known. */
  public static Outcome of(ObjectNode answer) {
    return inOrder(CompletableFuture.completedFuture(answer));
  }

  /** The engine has the request and keeps the order: the next one need not wait for the answer. */
  public static Outcome inOrder(CompletionStage<ObjectNode> answer) {
    return new Outcome(answer, AT_ONCE);
  }

  /**
   * The engine has the request and keeps the order; there is nothing to tell but that it is done.
   */
  public static Outcome done(CompletionStage<?> done) {
    return inOrder(done.thenApply(unused -> JsonObjects.object()));
  }

  /** The next request has to wait until this one has its answer. */
  public static Outcome alone(CompletionStage<ObjectNode> answer) {
    return new Outcome(answer, answer);
  }

  /** Whether the next request has to wait for the answer, and not only for its place. */
  boolean isAlone() {
    return placed == answer;
  }
}
