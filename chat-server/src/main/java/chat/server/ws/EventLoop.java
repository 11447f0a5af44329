package chat.server.ws;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One selector, one thread, and the connections that belong to it. A pass costs what the ready
 * connections cost, however many idle ones there are: a key is looked at only when its socket has
 * something, and connections with frames to write are in a queue of their own. Once a second all
 * connections are asked for their deadlines.
 */
final class EventLoop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
  private static final long TICK_MILLIS = 1000;
  private static final int READ_BUFFER_BYTES = 64 * 1024;
  private static final long STOP_WAIT_MILLIS = 5000;

  private final Selector selector;
  private final Thread thread;
  private final Consumer<WebSocketConnection> whenForgotten;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Queue<WebSocketConnection> flushes = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean woken = new AtomicBoolean();
  // On the heap: the library reads the array of a buffer that ends within a frame.
  private final ByteBuffer readBuffer = ByteBuffer.allocate(READ_BUFFER_BYTES);
  private final Set<WebSocketConnection> connections = new HashSet<>();
  private volatile boolean stopped;

  EventLoop(String name, Consumer<WebSocketConnection> whenForgotten) {
    this.whenForgotten = whenForgotten;
    try {
      selector = Selector.open();
    } catch (IOException fault) {
      throw new UncheckedIOException("no selector", fault);
    }
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Runs on the thread of this loop, after the tasks given before. */
  void execute(Runnable task) {
    tasks.add(task);
    wake();
  }

  void register(WebSocketConnection connection) {
    execute(
        () -> {
          connections.add(connection);
          try {
            connection.registered(
                connection.channel().register(selector, SelectionKey.OP_READ, connection));
          } catch (IOException gone) {
            connection.drop();
          }
        });
  }

  void demandFlush(WebSocketConnection connection) {
    flushes.add(connection);
    wake();
  }

  private void wake() {
    if (Thread.currentThread() != thread && woken.compareAndSet(false, true)) {
      selector.wakeup();
    }
  }

  void forget(WebSocketConnection connection) {
    connections.remove(connection);
    whenForgotten.accept(connection);
  }

  void report(String what, Throwable fault) {
    log.error("{}", what, fault);
  }

  /** Broken frames and the like: the client's affair, one line for who looks for it. */
  void clientFault(Exception fault) {
    log.debug("a connection failed: {}", fault.toString());
  }

  private void run() {
    long lastTick = System.nanoTime();
    while (!stopped) {
      try {
        boolean idle = tasks.isEmpty() && flushes.isEmpty();
        selector.select(this::ready, idle ? TICK_MILLIS : 1);
        woken.set(false);
        runTasks();
        flushDemands();
        long now = System.nanoTime();
        if (now - lastTick >= TICK_MILLIS * 1_000_000) {
          lastTick = now;
          tick(now);
        }
      } catch (Throwable fault) {
        report("an event loop stumbled and goes on", fault);
      }
    }
    runTasks(); // the last connections may wait there to be registered
    List.copyOf(connections).forEach(WebSocketConnection::drop);
    try {
      selector.close();
    } catch (IOException fault) {
      log.debug("the selector did not close", fault);
    }
  }

  private void ready(SelectionKey key) {
    WebSocketConnection connection = (WebSocketConnection) key.attachment();
    guarded(
        connection,
        () -> {
          if (key.isValid() && key.isReadable()) {
            connection.read(readBuffer);
          }
          if (key.isValid() && key.isWritable()) {
            connection.flush();
          }
        });
  }

  private interface Step {
    void run() throws IOException;
  }

  /** Whatever happens on a connection ends that connection at most. */
  private void guarded(WebSocketConnection connection, Step step) {
    try {
      step.run();
    } catch (IOException gone) {
      connection.drop();
    } catch (Throwable fault) {
      report("a connection failed", fault);
      try {
        connection.drop();
      } catch (Throwable again) {
        report("a failed connection could not be dropped", again);
        forget(connection);
      }
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      try {
        task.run();
      } catch (Throwable fault) {
        report("a task of an event loop failed", fault);
      }
    }
  }

  private void flushDemands() {
    for (WebSocketConnection next = flushes.poll(); next != null; next = flushes.poll()) {
      WebSocketConnection connection = next;
      guarded(connection, connection::flush);
    }
  }

  private void tick(long now) {
    for (WebSocketConnection connection : List.copyOf(connections)) {
      guarded(connection, () -> connection.tick(now));
    }
  }

  /** Drops what is still connected. Idempotent; waits at most 5 s. */
  @Override
  public void close() {
    stopped = true;
    selector.wakeup();
    try {
      thread.join(STOP_WAIT_MILLIS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
