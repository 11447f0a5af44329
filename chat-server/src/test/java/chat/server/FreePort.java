package chat.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** For servers that must come back at the address that they had. */
final class FreePort {
  private FreePort() {}

  /** A port of 127.0.0.1 on which nobody listens at the moment. */
  static int find() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }
}
