package chat.engine.examples.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One connection that downloads files and throws them away, at as little cost as Java can, for the
 * server is to be measured. Not thread-safe.
 */
public final class RawDownload implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 * 1024;

  private final SocketChannel channel;
  private final String host;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  public RawDownload(URI server) throws IOException {
    host = server.getHost() + ":" + server.getPort();
    channel = SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
  }

  /**
   * @param headers each with a line end
   * @return how many bytes the body had
   */
  public long get(String path, String headers) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n";
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
    buffer.clear();
    StringBuilder head = new StringBuilder();
    int end;
    do {
      int from = buffer.position();
      if (channel.read(buffer) < 0) {
        throw new EOFException("the connection ended in the head");
      }
      for (int i = from; i < buffer.position(); i++) {
        head.append((char) buffer.get(i));
      }
      end = head.indexOf("\r\n\r\n");
    } while (end < 0);
    String text = head.substring(0, end).toLowerCase(java.util.Locale.ROOT);
    int at = text.indexOf("\r\ncontent-length: ");
    if (!text.startsWith("http/1.1 200") || at < 0) {
      throw new IOException("not a file of known length: " + text.lines().findFirst().orElse(""));
    }
    long length = Long.parseLong(text.substring(at + 18).lines().findFirst().orElseThrow().strip());
    long left = length - (buffer.position() - end - 4);
    while (left > 0) {
      buffer.clear();
      int read = channel.read(buffer);
      if (read < 0) {
        throw new EOFException("the connection ended in the body");
      }
      left -= read;
    }
    return length;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
