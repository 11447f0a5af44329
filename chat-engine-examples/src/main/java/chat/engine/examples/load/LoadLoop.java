package chat.engine.examples.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Any number of WebSocket connections on one selector and on the thread that calls: a load
 * generator shares the machine with what it measures, so it must cost little. All of it belongs to
 * that one thread.
 */
final class LoadLoop implements AutoCloseable {
  private static final int READ_BYTES = 256 * 1024;
  private static final long SHORT_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private final Selector selector;
  private final ByteBuffer read = ByteBuffer.allocateDirect(READ_BYTES);
  private final List<LoadSocket> unsent = new ArrayList<>();

  LoadLoop() throws IOException {
    selector = Selector.open();
  }

  /** What a connection is told, on the loop's thread. */
  interface Listener {
    void opened();

    /** A text frame; characters beyond ASCII are not decoded. */
    void frame(String text);

    void closed(String reason);
  }

  LoadSocket connect(InetSocketAddress address, String request, Listener listener)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    boolean connected = channel.connect(address);
    SelectionKey key =
        channel.register(selector, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT);
    LoadSocket socket = new LoadSocket(this, channel, key, listener);
    key.attach(socket);
    socket.sendRaw(request);
    return socket;
  }

  void hasUnsent(LoadSocket socket) {
    unsent.add(socket);
  }

  /**
   * Serves the connections until the condition holds.
   *
   * @param tick called before each round; returns the {@link System#nanoTime} at which it wants to
   *     be called again at the latest
   * @return false if the time was over first
   */
  boolean run(Duration atMost, BooleanSupplier until, Tick tick) throws IOException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!until.getAsBoolean()) {
      long now = System.nanoTime();
      if (now - deadline >= 0) {
        return false;
      }
      long next = tick.tick(now);
      turn(Math.min(next, deadline) - System.nanoTime());
    }
    return true;
  }

  boolean run(Duration atMost, BooleanSupplier until) throws IOException {
    return run(atMost, until, now -> now + TimeUnit.MILLISECONDS.toNanos(10));
  }

  /** Work that is due at certain times. */
  interface Tick {
    long tick(long nowNanos);
  }

  private void turn(long waitNanos) throws IOException {
    flush();
    if (waitNanos > SHORT_WAIT_NANOS) {
      selector.select(TimeUnit.NANOSECONDS.toMillis(waitNanos));
    } else if (selector.selectNow() == 0 && waitNanos > 0) {
      LockSupport.parkNanos(Math.min(waitNanos, NAP_NANOS));
      selector.selectNow();
    }
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.attachment() instanceof LoadSocket socket) {
        socket.ready(read);
      }
    }
    selector.selectedKeys().clear();
  }

  private void flush() {
    for (LoadSocket socket : unsent) {
      socket.flush();
    }
    unsent.clear();
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}
