package chat.server.http;

import chat.server.http.timeout.Pace;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the parts of a body one after the other. Only making a part takes a thread; while the
 * client takes it, nothing waits but the connection.
 */
final class BodyOutput {
  private static final Logger log = LoggerFactory.getLogger(BodyOutput.class);

  private final Response.Source source;
  private final Content.Sink sink;
  private final Workers workers;
  private final Pace pace;
  private final Callback end;

  BodyOutput(Response.Source source, Content.Sink sink, Workers workers, Pace pace, Callback end) {
    this.source = source;
    this.sink = sink;
    this.workers = workers;
    this.pace = pace;
    this.end = end;
  }

  /** Makes and sends the next part. Blocks for the source. */
  void next() {
    ByteBuffer part;
    try {
      part = source.next();
    } catch (IOException | RuntimeException | Error fault) {
      log.debug("a body was not completed", fault);
      finish(fault);
      return;
    }
    if (part == null) {
      sink.write(true, ByteBuffer.allocate(0), Callback.from(() -> finish(null), this::finish));
      return;
    }
    long length = part.remaining();
    sink.write(
        false,
        part,
        Callback.from(
            () -> {
              pace.moved(length);
              later();
            },
            this::finish));
  }

  /** Goes on as soon as a thread is free. */
  void later() {
    if (!workers.transfer(this::next)) {
      finish(new IOException("the server stops"));
    }
  }

  private void finish(@Nullable Throwable fault) {
    Runnable finish =
        () -> {
          close();
          if (fault == null) {
            end.succeeded();
          } else {
            end.failed(fault);
          }
        };
    if (!workers.transfer(finish)) {
      finish.run();
    }
  }

  private void close() {
    try {
      source.close();
    } catch (IOException | RuntimeException fault) {
      log.warn("the source of an answer did not close", fault);
    }
  }

  /** The parts of a body that is at hand. */
  static Response.Source of(byte[] body, int partBytes) {
    ByteBuffer rest = ByteBuffer.wrap(body).asReadOnlyBuffer();
    return new Response.Source() {
      @Override
      public @Nullable ByteBuffer next() {
        if (!rest.hasRemaining()) {
          return null;
        }
        ByteBuffer part = rest.slice(rest.position(), Math.min(partBytes, rest.remaining()));
        rest.position(rest.position() + part.remaining());
        return part;
      }

      @Override
      public void close() {}
    };
  }
}
