package chat.engine.examples.local;

import chat.engine.examples.local.TcpProxy.Mode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

/** One connection through a {@link TcpProxy}. Thread-safe. */
final class ProxiedConnection {
  private static final int CHUNK = 16 * 1024;

  private final TcpProxy proxy;
  private final Socket down;
  private final Socket up;
  private boolean lostBytes; // guarded by this
  private volatile boolean abandoned;
  private volatile boolean over;
  private int directionsEnded;

  /**
   * @param down to who connected
   * @param up to the target
   */
  ProxiedConnection(TcpProxy proxy, Socket down, Socket up) {
    this.proxy = proxy;
    this.down = down;
    this.up = up;
  }

  void start(String name) {
    Threads.start("down " + name, () -> pump(up, down, false));
    pump(down, up, true);
  }

  int upstreamPort() {
    return up.getLocalPort();
  }

  int targetPort() {
    return up.getPort();
  }

  void abandon() {
    abandoned = true;
  }

  boolean isAbandoned() {
    return abandoned;
  }

  private void pump(Socket from, Socket to, boolean upwards) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        if (proxy.mode() == Mode.DELAY) {
          TimeUnit.NANOSECONDS.sleep(proxy.delay().toNanos());
        }
        awaitOpen(upwards);
        if (upwards || !loses()) {
          out.write(chunk, 0, length);
        }
      }
      if (!abandoned) {
        to.shutdownOutput();
        directionEnded();
      }
    } catch (IOException broken) {
      if (!abandoned) {
        reset();
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void directionEnded() {
    directionsEnded++;
    if (directionsEnded == 2) {
      reset();
    }
  }

  /** Waits while this direction is a black hole. */
  private synchronized void awaitOpen(boolean upwards) throws IOException, InterruptedException {
    while (!over && (abandoned || isHeld(upwards))) {
      wait();
    }
    if (over) {
      throw new IOException("closed");
    }
  }

  /**
   * Whether what came down is lost. Then nothing that comes after it may pass, as with real
   * connections; so the mode is looked at under the lock of {@link #modeChanged}.
   */
  private synchronized boolean loses() {
    lostBytes |= proxy.mode() == Mode.LOSE_REPLIES;
    return lostBytes;
  }

  private boolean isHeld(boolean upwards) {
    return switch (proxy.mode()) {
      case HOLE -> true;
      case HOLE_UP -> upwards;
      case HOLE_DOWN -> !upwards;
      default -> false;
    };
  }

  synchronized void modeChanged() {
    if (lostBytes && proxy.mode() != Mode.LOSE_REPLIES) {
      reset();
    }
    notifyAll();
  }

  synchronized void reset() {
    over = true;
    notifyAll();
    proxy.ended(this);
    reset(down);
    reset(up);
  }

  static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException closedAlready) {
      // as wanted
    }
  }
}
