package chat.server.outgoing;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads server-sent events as they come: the data of each line that has some. Lines have a bound.
 */
public final class EventStream implements BodySubscriber<byte[]> {
  private static final int LONGEST_LINE = 256 * 1024;
  private static final String DATA = "data:";

  private final Reader reader;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private final CompletableFuture<byte[]> end = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  /** Is told the data. One call at a time; must not block. */
  public interface Reader {
    /**
     * @return whether it wants more; if not, the stream is cut, which is a good end
     * @throws RuntimeException cuts the stream, and the call fails with it
     */
    boolean data(String data);
  }

  EventStream(Reader reader) {
    this.reader = reader;
  }

  @Override
  public CompletionStage<byte[]> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Flow.Subscription begun) {
    subscription = begun;
    begun.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    try {
      for (ByteBuffer buffer : buffers) {
        while (buffer.hasRemaining()) {
          byte next = buffer.get();
          if (next != '\n') {
            add(next);
          } else if (!endOfLine()) {
            stop();
            end.complete(new byte[0]);
            return;
          }
        }
      }
    } catch (RuntimeException fault) {
      stop();
      end.completeExceptionally(fault);
      return;
    }
    Objects.requireNonNull(subscription).request(1);
  }

  private void stop() {
    Objects.requireNonNull(subscription).cancel();
  }

  private void add(byte next) {
    if (line.size() == LONGEST_LINE) {
      throw new OutgoingFault("a line of the answer has more than " + LONGEST_LINE + " bytes");
    }
    line.write(next);
  }

  private boolean endOfLine() {
    String text = line.toString(StandardCharsets.UTF_8).strip();
    line.reset();
    return !text.startsWith(DATA) || reader.data(text.substring(DATA.length()).strip());
  }

  @Override
  public void onError(Throwable fault) {
    end.completeExceptionally(fault);
  }

  @Override
  public void onComplete() {
    try {
      if (line.size() > 0) {
        endOfLine();
      }
      end.complete(new byte[0]);
    } catch (RuntimeException fault) {
      end.completeExceptionally(fault);
    }
  }
}
