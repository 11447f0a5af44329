package chat.server.outgoing;

import chat.server.outgoing.OutgoingHttp.Answer;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.jspecify.annotations.Nullable;

/** Makes an answer of what comes on one connection. Used by one thread at a time. */
final class AnswerListener implements Response.Listener {
  private final CompletableFuture<Answer> answer;
  private final Function<Response, AnswerBody> bodies;
  private @Nullable AnswerBody body;
  private volatile boolean over;

  /**
   * @param bodies are told what the head of the answer says
   */
  AnswerListener(CompletableFuture<Answer> answer, Function<Response, AnswerBody> bodies) {
    this.answer = answer;
    this.bodies = bodies;
  }

  @Override
  public void onHeaders(Response response) {
    body = bodies.apply(response);
  }

  @Override
  public void onContent(Response response, ByteBuffer part) {
    AnswerBody into = body;
    if (into == null || answer.isDone()) {
      return; // it was cut
    }
    try {
      if (!into.take(part)) {
        answer.complete(of(response, new byte[0])); // which cuts it
      }
    } catch (RuntimeException fault) {
      answer.completeExceptionally(fault);
    }
  }

  /** Whether nothing more can come of this call. Any thread may ask. */
  boolean isOver() {
    return over;
  }

  @Override
  public void onComplete(Result result) {
    over = true;
    AnswerBody whole = body;
    if (result.getFailure() != null) {
      answer.completeExceptionally(result.getFailure());
    } else if (!answer.isDone()) {
      try {
        answer.complete(of(result.getResponse(), whole == null ? new byte[0] : whole.end()));
      } catch (RuntimeException fault) {
        answer.completeExceptionally(fault);
      }
    }
  }

  private static Answer of(Response response, byte[] body) {
    return new Answer(response.getStatus(), response.getHeaders().get("Retry-After"), body);
  }
}
