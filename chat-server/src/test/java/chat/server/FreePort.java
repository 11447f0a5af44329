package chat.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** For servers that must come back at the address that they had. */
public final class FreePort {
  private static final int FIRST = 10_000;
  private static final int COUNT = 10_000;

  /** Begins anywhere, since several processes look for ports at once. */
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(COUNT));

  private FreePort() {}

  /**
   * A port of 127.0.0.1 on which nobody listens, that these tests were not given before, and which
   * no outgoing connection gets: systems take theirs from above.
   */
  public static int find() throws IOException {
    while (true) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // the next one
      }
    }
  }
}
