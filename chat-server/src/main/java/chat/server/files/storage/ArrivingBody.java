package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, read as it arrives and held part by part, never whole. A read fails when
 * nothing has arrived for some time: the JDK's own stream would wait for ever. Read by one thread
 * at a time.
 */
final class ArrivingBody extends InputStream implements BodySubscriber<ArrivingBody> {
  /** What comes from the connection: some bytes, or the end, with a fault or without. */
  private record Arrival(List<ByteBuffer> bytes, boolean last, @Nullable Throwable fault) {}

  private final Duration patience;
  private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
  private final Deque<ByteBuffer> ready = new ArrayDeque<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private boolean ended; // these two by the reader only
  private long left;

  /**
   * @param patience how long a read waits for the next bytes
   * @param length as announced, -1 if it is not
   */
  ArrivingBody(Duration patience, long length) {
    this.patience = patience;
    this.left = length;
  }

  @Override
  public CompletionStage<ArrivingBody> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription begun) {
    subscription.complete(begun);
    begun.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    arrivals.add(new Arrival(bytes, false, null));
  }

  @Override
  public void onError(Throwable fault) {
    arrivals.add(new Arrival(List.of(), true, fault));
  }

  @Override
  public void onComplete() {
    arrivals.add(new Arrival(List.of(), true, null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (ready.isEmpty()) {
      if (ended) {
        return -1;
      }
      take(patience);
    }
    ByteBuffer next = ready.getFirst();
    int taken = Math.min(length, next.remaining());
    next.get(into, offset, taken);
    if (!next.hasRemaining()) {
      ready.removeFirst();
    }
    if (left > 0) {
      left -= taken;
    }
    return taken;
  }

  private void take(Duration wait) throws IOException {
    Arrival arrival;
    try {
      arrival = arrivals.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", hurry);
    }
    if (arrival == null) {
      throw new IOException("nothing arrived for " + wait.toSeconds() + " s");
    }
    if (arrival.fault() != null) {
      throw new IOException("the answer was cut: " + arrival.fault().getMessage(), arrival.fault());
    }
    ended = arrival.last();
    arrival.bytes().stream().filter(ByteBuffer::hasRemaining).forEach(ready::add);
    if (!ended) {
      subscription.join().request(1);
    }
  }

  /** Cuts the connection, unless all has arrived: then others can use it. */
  @Override
  public void close() throws IOException {
    if (left == 0 && !ended && ready.isEmpty()) {
      try {
        take(Duration.ofSeconds(1)); // the end, which is on its way
      } catch (IOException late) {
        // then the connection is not worth keeping
      }
    }
    if (!ended) {
      ended = true;
      ready.clear();
      subscription.thenAccept(Flow.Subscription::cancel);
    }
  }
}
