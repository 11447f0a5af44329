package chat.engine.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Asks a local Redis one question on a connection of its own, in the protocol RESP2. It is not the
 * client under test on purpose: what a test does to a server must not depend on that one.
 */
final class RedisConsole {
  private static final int TIMEOUT_MILLIS = 2_000;

  private RedisConsole() {}

  /**
   * Returns the reply as text, the elements of a list as lines; an error reply becomes an
   * IOException with its words.
   */
  static String ask(int port, String... words) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(new InetSocketAddress(LocalPorts.LOOPBACK, port), TIMEOUT_MILLIS);
      socket.getOutputStream().write(request(words));
      return reply(new BufferedInputStream(socket.getInputStream()));
    }
  }

  private static byte[] request(String... words) {
    StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      int length = word.getBytes(StandardCharsets.UTF_8).length;
      request.append("$").append(length).append("\r\n").append(word).append("\r\n");
    }
    return request.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String reply(InputStream in) throws IOException {
    String line = line(in);
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+', ':' -> rest;
      case '$' -> {
        int length = Integer.parseInt(rest);
        yield length < 0 ? "" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
      }
      case '*' -> {
        StringBuilder elements = new StringBuilder();
        for (int left = Integer.parseInt(rest); left > 0; left--) {
          elements.append(reply(in)).append(left > 1 ? "\n" : "");
        }
        yield elements.toString();
      }
      case '-' -> throw new IOException(rest);
      default -> throw new IOException("a reply that this console does not read: " + line);
    };
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\r'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException("Redis closed the connection");
      }
      line.write(octet);
    }
    in.skipNBytes(1);
    if (line.size() == 0) {
      throw new IOException("an empty reply");
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
