package chat.engine.protocol;

import chat.engine.protocol.rate.RequestPace;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection, in the order in which they came. One is handled after the other;
 * the line stands still while one has to be done first, while the client sends faster than it may,
 * while too many requests are unanswered, and while the client does not take its answers. What
 * waits is bounded: past {@link #PAUSING_CHARACTERS} no more is read, and what comes in spite of
 * that, past {@link #MAX_CHARACTERS}, is refused.
 *
 * <p>Thread-safe. Handles requests on the thread that brought the last obstacle out of the way, and
 * never on two threads at once.
 */
final class RequestLine {
  /** What more than this waits is left in the socket. */
  static final int PAUSING_CHARACTERS = 16 * 1024;

  /** A transport that stops reading at once still brings what it had read before. */
  static final int MAX_CHARACTERS = PAUSING_CHARACTERS + 256 * 1024;

  static final int MAX_UNANSWERED = 128;

  private static final CompletableFuture<Void> READABLE = CompletableFuture.completedFuture(null);

  /** What becomes of the requests. */
  interface Handler {
    /**
     * Handles a request; {@link RequestLine#answered} follows once it has its answer.
     *
     * @return completes when the next request may be handled
     */
    CompletionStage<?> handle(String text);

    /** A request that found no room; called by the thread that brought it. */
    void refuse(String text);

    /** The connection has gone and everything received before has been handled. */
    void ended();
  }

  /** Why the line stands still although no request is being handled. */
  private enum Hold {
    UNANSWERED,
    CONGESTION,
    RATE
  }

  private final Transport transport;
  private final Handler handler;
  private final RequestPace pace;
  private final Runnable whenWritable;

  // All below is guarded by this.
  private final ArrayDeque<String> waiting = new ArrayDeque<>(2);
  private int waitingCharacters;
  private int unanswered;
  private boolean busy = true; // until it is open
  private boolean closed;
  private boolean expelled;
  private @Nullable Hold hold;
  private @Nullable CompletableFuture<Void> readable; // while reading is paused

  /**
   * @param pace when the requests may be handled; used under the lock of this line once it is open
   * @param whenWritable given to the transport when it is congested; has to call {@link #writable}
   */
  RequestLine(Transport transport, Handler handler, RequestPace pace, Runnable whenWritable) {
    this.transport = transport;
    this.handler = handler;
    this.pace = pace;
    this.whenWritable = whenWritable;
  }

  /** Reads no more until the line is open: a stranger's requests would only fill the memory. */
  synchronized void waitForOpen() {
    pauseReading();
  }

  /** Begins to handle what came in meanwhile. */
  void open() {
    run();
  }

  /**
   * Takes a request.
   *
   * @return completes when the next one should be read
   */
  CompletableFuture<Void> receive(String text) {
    boolean refused;
    CompletableFuture<Void> next;
    synchronized (this) {
      if (closed || expelled) {
        return READABLE;
      }
      refused = !waiting.isEmpty() && waitingCharacters + text.length() > MAX_CHARACTERS;
      if (!refused) {
        waiting.add(text);
        waitingCharacters += text.length();
        if (busy && waitingCharacters > PAUSING_CHARACTERS) {
          pauseReading();
        }
      }
      next = readable == null ? READABLE : readable;
      if (busy && !refused) {
        return next;
      }
      busy = true;
    }
    if (refused) {
      handler.refuse(text);
      return next;
    }
    run();
    return nextReadable();
  }

  private synchronized CompletableFuture<Void> nextReadable() {
    return readable == null ? READABLE : readable;
  }

  /** Takes up what waits, one by one, until something stands in the way. */
  private void run() {
    while (true) {
      String text;
      boolean ended = false;
      @Nullable Hold obstacle = null;
      long rateNanos = 0;
      synchronized (this) {
        if (expelled) {
          waiting.clear();
          waitingCharacters = 0;
        }
        text = waiting.peek();
        if (text == null) {
          busy = false;
          ended = closed;
          resumeReading();
        } else {
          long now = System.nanoTime();
          if (closed) { // what was received before the end takes effect, whatever holds it up
            pace.pass(now);
          } else {
            if (unanswered >= MAX_UNANSWERED) {
              obstacle = Hold.UNANSWERED;
            } else if (transport.isCongested()) {
              obstacle = Hold.CONGESTION;
            } else {
              rateNanos = pace.take(now);
              obstacle = rateNanos > 0 ? Hold.RATE : null;
            }
          }
          if (obstacle == null) {
            waiting.remove();
            waitingCharacters -= text.length();
            unanswered++;
          } else {
            hold = obstacle;
            pauseReading();
          }
        }
      }
      if (text == null) {
        if (ended) {
          handler.ended();
        }
        return;
      }
      if (obstacle != null) {
        waitFor(obstacle, rateNanos);
        return;
      }
      CompletableFuture<?> placed = handler.handle(text).toCompletableFuture();
      if (!placed.isDone()) {
        placed.whenComplete((done, fault) -> run());
        return;
      }
    }
  }

  private void waitFor(Hold obstacle, long rateNanos) {
    switch (obstacle) {
      case UNANSWERED -> {} // the next answer goes on
      case CONGESTION -> transport.whenWritable(whenWritable);
      case RATE ->
          CompletableFuture.delayedExecutor(rateNanos, TimeUnit.NANOSECONDS)
              .execute(() -> goOn(Hold.RATE));
    }
  }

  private void goOn(Hold obstacle) {
    synchronized (this) {
      if (hold != obstacle) {
        return;
      }
      hold = null;
    }
    run();
  }

  /** The client has taken what waited for it. */
  void writable() {
    goOn(Hold.CONGESTION);
  }

  /** A request has its answer. */
  void answered() {
    synchronized (this) {
      unanswered--;
    }
    goOn(Hold.UNANSWERED);
  }

  /** Nothing that waits has an effect any more. */
  synchronized void expel() {
    expelled = true;
  }

  /** The connection has gone; what it brought before still takes effect. */
  void close() {
    boolean held;
    boolean idle;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      held = hold != null;
      hold = null;
      idle = !busy;
      resumeReading();
    }
    if (held) {
      run();
    } else if (idle) {
      handler.ended();
    }
  }

  synchronized boolean isClosed() {
    return closed;
  }

  private void pauseReading() {
    if (readable == null) {
      readable = new CompletableFuture<>();
      transport.pauseReading();
    }
  }

  private void resumeReading() {
    CompletableFuture<Void> paused = readable;
    if (paused != null) {
      readable = null;
      if (!closed) {
        transport.resumeReading();
      }
      paused.completeAsync(() -> null); // its dependents are the host's, and this holds a lock
    }
  }
}
