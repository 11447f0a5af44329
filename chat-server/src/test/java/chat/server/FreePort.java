package chat.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** For servers that must come back at the address that they had. */
public final class FreePort {
  private FreePort() {}

  /**
   * A port of 127.0.0.1 on which nobody listens, and which no outgoing connection gets: systems
   * take theirs from above.
   */
  public static int find() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 20_000);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (BindException taken) {
        // another one
      }
    }
  }
}
