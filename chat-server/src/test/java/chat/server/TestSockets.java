package chat.server;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/** What tests want to know of bare sockets. */
public final class TestSockets {
  private TestSockets() {}

  /**
   * Whether the server has closed it, with or without an answer, within the socket's time-out. What
   * it still had to say is read and forgotten.
   */
  public static boolean ended(Socket client) throws IOException {
    try {
      client.getInputStream().readAllBytes();
      return true;
    } catch (SocketException reset) {
      return true;
    } catch (SocketTimeoutException stillThere) {
      return false;
    }
  }
}
