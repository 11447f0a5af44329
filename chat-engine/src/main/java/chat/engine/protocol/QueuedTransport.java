package chat.engine.protocol;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A transport over nearly any WebSocket library: it gives the library one frame at a time, the next
 * when the one before is written, and queues what comes meanwhile. Past {@link #CONGESTED_BYTES}
 * events wait in their session instead; past {@link #MAX_BYTES} the client is too slow and its
 * socket is closed. Thread-safe; calls the library from one thread at a time.
 */
public final class QueuedTransport implements Transport {
  /** Above this nothing more is added that can wait elsewhere. */
  public static final long CONGESTED_BYTES = 64 * 1024;

  /**
   * What may wait for one socket, in bytes; one frame more ends it. A single frame of any size
   * fits.
   */
  public static final long MAX_BYTES = 1024 * 1024;

  private static final Logger log = LoggerFactory.getLogger(QueuedTransport.class);

  /** Sends a text without waiting for it. */
  @FunctionalInterface
  public interface AsyncSender {
    /**
     * @return completes when the library would take another frame; fails if the socket is gone
     */
    CompletionStage<?> send(Frame frame);
  }

  /** Sends a text and calls back, as Jakarta's {@code getAsyncRemote} does with a handler. */
  @FunctionalInterface
  public interface CallbackSender {
    /**
     * @param done to be given null when the library would take another frame, or why the socket
     *     cannot be written to
     */
    void send(Frame frame, Consumer<@Nullable Throwable> done);
  }

  /** Sends a text and returns when it is written, as Spring's {@code sendMessage} does. */
  @FunctionalInterface
  public interface BlockingSender {
    void send(Frame frame) throws Exception;
  }

  /** Closes the socket; called once, with nothing left to write unless the client was too slow. */
  @FunctionalInterface
  public interface Closer {
    void close(int code, String reason) throws Exception;
  }

  private final AsyncSender sender;
  private final Closer closer;
  private final Queue<Frame> waiting = new ArrayDeque<>(2); // guarded by this, as all below
  private long waitingBytes;
  private boolean writing;
  private boolean closing;
  private @Nullable Runnable closeTask;
  private @Nullable Runnable whenWritable;

  private QueuedTransport(AsyncSender sender, Closer closer) {
    this.sender = sender;
    this.closer = closer;
  }

  /** Over a library that sends without blocking. */
  public static QueuedTransport async(AsyncSender sender, Closer closer) {
    return new QueuedTransport(sender, closer);
  }

  /** Over a library that sends without blocking and calls back. */
  public static QueuedTransport async(CallbackSender sender, Closer closer) {
    return new QueuedTransport(
        frame -> {
          CompletableFuture<?> sent = new CompletableFuture<>();
          sender.send(
              frame,
              fault -> {
                if (fault == null) {
                  sent.complete(null);
                } else {
                  sent.completeExceptionally(fault);
                }
              });
          return sent;
        },
        closer);
  }

  /**
   * Over a library whose sends block.
   *
   * @param executor runs the sends and the close; a socket that is stuck keeps one of its threads
   */
  public static QueuedTransport blocking(Executor executor, BlockingSender sender, Closer closer) {
    return new QueuedTransport(
        frame -> sendOn(executor, sender, frame),
        (code, reason) -> closeOn(executor, closer, code, reason));
  }

  /** Also a close may wait for a client that takes nothing. */
  private static void closeOn(Executor executor, Closer closer, int code, String reason)
      throws Exception {
    try {
      executor.execute(
          () -> {
            try {
              closer.close(code, reason);
            } catch (Exception gone) {
              log.debug("a socket could not be closed with {}", code, gone);
            }
          });
    } catch (RejectedExecutionException full) {
      closer.close(code, reason);
    }
  }

  private static CompletableFuture<?> sendOn(
      Executor executor, BlockingSender sender, Frame frame) {
    CompletableFuture<?> sent = new CompletableFuture<>();
    try {
      executor.execute(
          () -> {
            try {
              sender.send(frame);
              sent.complete(null);
            } catch (Throwable fault) {
              sent.completeExceptionally(fault);
            }
          });
    } catch (RejectedExecutionException full) {
      sent.completeExceptionally(full);
    }
    return sent;
  }

  @Override
  public void send(Frame frame) {
    boolean tooSlow;
    synchronized (this) {
      if (closing) {
        return;
      }
      tooSlow = waitingBytes > MAX_BYTES;
      if (tooSlow) {
        closing = true;
        waiting.clear();
      } else {
        waiting.add(frame);
        waitingBytes += frame.utf8().length;
        if (writing) {
          return;
        }
        writing = true;
      }
    }
    if (tooSlow) {
      closeSocket(CloseCode.TRY_LATER, "too slow"); // the frame under way may never be written
    } else {
      write();
    }
  }

  @Override
  public void close(int code, String reason) {
    synchronized (this) {
      if (closing) {
        return;
      }
      closing = true;
      closeTask = () -> closeSocket(code, reason);
      if (writing) {
        return;
      }
      writing = true;
    }
    write();
  }

  /** Writes frame after frame, for as long as the library takes them at once. */
  private void write() {
    while (true) {
      Frame frame;
      @Nullable Runnable task;
      synchronized (this) {
        frame = waiting.poll();
        if (frame == null) {
          writing = false;
          waitingBytes = 0;
          task = closing ? closeTask : whenWritable;
          closeTask = null;
          whenWritable = null;
        } else {
          task = null;
        }
      }
      if (frame == null) {
        if (task != null) {
          task.run();
        }
        return;
      }
      CompletableFuture<?> sent = sent(frame);
      if (!sent.isDone()) {
        sent.whenComplete((done, fault) -> goOn(frame, fault));
        return;
      }
      if (!settle(frame, sent.isCompletedExceptionally())) {
        return;
      }
    }
  }

  private CompletableFuture<?> sent(Frame frame) {
    try {
      return sender.send(frame).toCompletableFuture();
    } catch (RuntimeException gone) {
      return CompletableFuture.failedFuture(gone);
    }
  }

  private void goOn(Frame frame, @Nullable Throwable fault) {
    if (settle(frame, fault != null)) {
      write();
    }
  }

  /**
   * @return whether to go on; false if the socket has gone
   */
  private boolean settle(Frame frame, boolean failed) {
    @Nullable Runnable task = null;
    synchronized (this) {
      waitingBytes = Math.max(0, waitingBytes - frame.utf8().length);
      if (failed) {
        closing = true;
        waiting.clear();
        closeTask = null;
        writing = false;
      } else if (!closing && waitingBytes <= CONGESTED_BYTES / 2) {
        task = whenWritable;
        whenWritable = null;
      }
    }
    if (failed) {
      closeSocket(CloseCode.INTERNAL, "cannot be written to");
    } else if (task != null) {
      task.run();
    }
    return !failed;
  }

  private void closeSocket(int code, String reason) {
    try {
      closer.close(code, reason);
    } catch (Exception gone) {
      log.debug("a socket could not be closed with {}", code, gone);
    }
  }

  @Override
  public synchronized boolean isCongested() {
    return waitingBytes > CONGESTED_BYTES;
  }

  @Override
  public void whenWritable(Runnable task) {
    synchronized (this) {
      if (closing) {
        return;
      }
      if (writing) {
        whenWritable = task;
        return;
      }
    }
    task.run();
  }
}
