package chat.server.http;

import chat.server.http.timeout.Watch;
import chat.server.json.ApiException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Takes in a body that a handler wants whole, without a thread while it arrives: at most one byte
 * more than a handler takes, within a limit of time, and out of a store that all of them share.
 */
final class BodyIntake implements Watch.Watched {
  /** What bodies that are still arriving hold together. Thread-safe. */
  static final class Budget {
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    Budget(long limit) {
      this.limit = limit;
    }

    boolean add(long bytes) {
      return held.addAndGet(bytes) <= limit;
    }

    void remove(long bytes) {
      held.addAndGet(-bytes);
    }
  }

  private final Content.Source source;
  private final Budget budget;
  private final Watch watch;
  private final long deadlineNanos;
  private final Consumer<byte[]> whole;
  private final Consumer<ApiException> refusal;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final AtomicBoolean done = new AtomicBoolean();
  private long held; // these two under this object's lock
  private boolean released;

  /**
   * @param whole called once, or else {@code refusal} is, on a thread that must not be blocked
   */
  BodyIntake(
      Content.Source source,
      Budget budget,
      Watch watch,
      Duration limit,
      Consumer<byte[]> whole,
      Consumer<ApiException> refusal) {
    this.source = source;
    this.budget = budget;
    this.watch = watch;
    this.deadlineNanos = System.nanoTime() + limit.toNanos();
    this.whole = whole;
    this.refusal = refusal;
  }

  void start() {
    watch.add(this);
    read();
  }

  @Override
  public void look(long nowNanos) {
    if (nowNanos - deadlineNanos > 0) {
      end(() -> refusal.accept(notArrived()));
    }
  }

  private static ApiException notArrived() {
    return ApiException.badRequest("the body did not arrive as announced");
  }

  private void read() {
    while (!done.get()) {
      Content.Chunk chunk = source.read();
      if (chunk == null) {
        source.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, this::read));
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        end(() -> refusal.accept(notArrived()));
        return;
      }
      boolean last = chunk.isLast();
      boolean room = take(chunk);
      chunk.release();
      if (!room) {
        end(() -> refusal.accept(ApiException.busy()));
      } else if (last || body.size() > Request.MAX_BODY_BYTES) {
        byte[] bytes = body.toByteArray();
        end(() -> whole.accept(bytes));
      }
    }
  }

  private boolean take(Content.Chunk chunk) {
    int length = Math.min(chunk.remaining(), Request.MAX_BODY_BYTES + 1 - body.size());
    byte[] bytes = new byte[length];
    chunk.get(bytes, 0, length);
    body.writeBytes(bytes);
    synchronized (this) {
      if (released) {
        return false;
      }
      held += length;
      return budget.add(length);
    }
  }

  private void end(Runnable outcome) {
    if (done.compareAndSet(false, true)) {
      watch.remove(this);
      outcome.run();
    }
  }

  /** What the body held is free again: to be called when its handler is done. */
  synchronized void release() {
    if (!released) {
      released = true;
      budget.remove(held);
    }
  }
}
