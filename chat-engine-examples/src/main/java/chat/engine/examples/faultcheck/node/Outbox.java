package chat.engine.examples.faultcheck.node;

import chat.engine.ChatSession;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to a client; while it is much, the client's session is paused. A thread
 * of its own writes. Thread-safe.
 */
final class Outbox {
  private static final int MUCH = 64 * 1024;
  private static final int LITTLE = 16 * 1024;

  private final Socket socket;
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private int bytes;
  private boolean paused;
  private boolean closed;
  private @Nullable ChatSession session;

  Outbox(Socket socket) {
    this.socket = socket;
  }

  /** Whom to pause from now on. */
  synchronized void of(ChatSession opened) {
    session = opened;
  }

  synchronized void add(String lines) {
    if (closed) {
      return;
    }
    byte[] encoded = lines.getBytes(StandardCharsets.UTF_8);
    waiting.add(encoded);
    bytes += encoded.length;
    if (bytes > MUCH && !paused && session != null) {
      paused = true;
      session.pause();
    }
    notifyAll();
  }

  /** Writes until the outbox is closed or the client is gone. */
  void run() {
    try {
      OutputStream out = socket.getOutputStream();
      for (byte[] next = take(); next != null; next = take()) {
        out.write(next);
      }
    } catch (IOException gone) {
      // the reader of the connection notices too
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized byte @Nullable [] take() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    byte[] next = waiting.poll();
    if (next != null) {
      bytes -= next.length;
    }
    if (paused && bytes < LITTLE && session != null) {
      paused = false;
      session.resume();
    }
    return next;
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
