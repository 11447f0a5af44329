package chat.server.http;

import chat.server.http.timeout.Pace;
import chat.server.json.ApiException;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Hands the parts of an upload to its handler as they arrive, each on a thread that may block, and
 * holds none of these in between.
 */
final class UploadIntake {
  /** After so much in a row, others have their turn. */
  private static final long TURN_BYTES = 1 << 20;

  private final Content.Source source;
  private final HttpEndpoint.Upload upload;
  private final Workers workers;
  private final Pace pace;
  private final Consumer<Response> answer;
  private final Consumer<Throwable> failure;

  /**
   * @param answer called once the upload has ended, or else {@code failure} is
   */
  UploadIntake(
      Content.Source source,
      HttpEndpoint.Upload upload,
      Workers workers,
      Pace pace,
      Consumer<Response> answer,
      Consumer<Throwable> failure) {
    this.source = source;
    this.upload = upload;
    this.workers = workers;
    this.pace = pace;
    this.answer = answer;
    this.failure = failure;
  }

  /** Takes what has arrived. Blocks for the handler. */
  void read() {
    long inThisTurn = 0;
    while (inThisTurn < TURN_BYTES) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        source.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::later));
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        abort(ApiException.badRequest("the body did not arrive as announced"));
        return;
      }
      boolean last = chunk.isLast();
      inThisTurn += chunk.remaining();
      pace.moved(chunk.remaining());
      try {
        if (chunk.hasRemaining()) {
          upload.take(chunk.getByteBuffer());
        }
      } catch (Throwable fault) {
        abort(fault);
        return;
      } finally {
        chunk.release();
      }
      if (last) {
        end();
        return;
      }
    }
    later();
  }

  /** Goes on as soon as a thread is free. */
  void later() {
    if (!workers.transfer(this::read)) {
      abort(ApiException.busy());
    }
  }

  private void end() {
    Response response;
    try {
      response = upload.end();
    } catch (Throwable fault) {
      abort(fault);
      return;
    }
    answer.accept(response);
  }

  private void abort(Throwable fault) {
    try {
      upload.abort();
    } finally {
      failure.accept(fault);
    }
  }
}
