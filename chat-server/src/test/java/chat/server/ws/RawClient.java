package chat.server.ws;

import chat.server.TestSockets;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly the bytes it is told to, right or wrong. Not thread-safe. */
final class RawClient implements AutoCloseable {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private final Socket socket;
  private final DataInputStream in;

  record Frame(int opcode, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int closeCode() {
      return ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }
  }

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(15_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  static RawClient upgraded(int port) throws IOException {
    RawClient client = new RawClient(port);
    String status = client.upgrade("/v1/ws");
    if (!status.contains("101")) {
      throw new IOException("no upgrade: " + status);
    }
    return client;
  }

  /**
   * @return the status line of the answer
   */
  String upgrade(String target) throws IOException {
    write(
        ("GET "
                + target
                + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    String status = line();
    String header = line();
    while (!header.isEmpty()) {
      header = line();
    }
    return status;
  }

  private String line() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = in.read();
    while (next >= 0 && next != '\n') {
      if (next != '\r') {
        bytes.write(next);
      }
      next = in.read();
    }
    return bytes.toString(StandardCharsets.US_ASCII);
  }

  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void text(String text) throws IOException {
    frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
  }

  void frame(int opcode, boolean last, byte[] payload) throws IOException {
    write(wire(opcode, last, payload));
  }

  /** As {@link #text}, but byte by byte. */
  void trickle(String text) throws IOException {
    for (byte single : wire(TEXT, text)) {
      write(new byte[] {single});
    }
  }

  static byte[] wire(int opcode, String text) {
    return wire(opcode, true, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] wire(int opcode, boolean last, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload); // masked with zeros
    byte[] bytes = new byte[frame.flip().remaining()];
    frame.get(bytes);
    return bytes;
  }

  Frame read() throws IOException {
    int opcode = in.readUnsignedByte() & 0x0F;
    long length = in.readUnsignedByte();
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    byte[] payload = new byte[Math.toIntExact(length)];
    in.readFully(payload);
    return new Frame(opcode, payload);
  }

  boolean hasSomething() throws IOException {
    return in.available() > 0;
  }

  /** Whether the other side ends the connection, after whatever it still had to say. */
  boolean ended() throws IOException {
    return TestSockets.ended(socket);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
