package chat.server.http.timeout;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Throws away what still arrives of a request that is answered already. If the connection were
 * closed at once, the client, which is still sending, might lose the answer (RFC 9112, 9.6).
 */
public final class Lingering implements Watch.Watched {
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long MAX_BYTES = 64 << 20;

  private final Content.Source source;
  private final Watch watch;
  private final Runnable end;
  private final long deadlineNanos = System.nanoTime() + MAX_NANOS;
  private final AtomicBoolean done = new AtomicBoolean();
  private long seen;

  public Lingering(Content.Source source, Watch watch, Runnable end) {
    this.source = source;
    this.watch = watch;
    this.end = end;
  }

  public void start() {
    watch.add(this);
    read();
  }

  @Override
  public void look(long nowNanos) {
    if (nowNanos - deadlineNanos > 0) {
      finish();
    }
  }

  private void read() {
    while (!done.get()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        source.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::read));
        return;
      }
      seen += chunk.remaining();
      boolean last = chunk.isLast() || Content.Chunk.isFailure(chunk) || seen > MAX_BYTES;
      chunk.release();
      if (last) {
        finish();
      }
    }
  }

  private void finish() {
    if (done.compareAndSet(false, true)) {
      watch.remove(this);
      end.run();
    }
  }
}
