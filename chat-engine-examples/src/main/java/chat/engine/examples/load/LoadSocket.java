package chat.engine.examples.load;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A WebSocket (RFC 6455) as a load generator needs it: no fragments, no extensions. Frames are
 * masked with zero, which leaves the text as it is: the mask protects proxies from hostile pages,
 * and there is neither here. Belongs to the thread of its {@link LoadLoop}.
 */
final class LoadSocket {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final byte[] END_OF_HEADERS = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final LoadLoop loop;
  private final SocketChannel channel;
  private final SelectionKey key;
  private final LoadLoop.Listener listener;
  private byte[] rest = new byte[0];
  private ByteBuffer out = ByteBuffer.allocate(512);
  private boolean open;
  private boolean closed;

  LoadSocket(LoadLoop loop, SocketChannel channel, SelectionKey key, LoadLoop.Listener listener) {
    this.loop = loop;
    this.channel = channel;
    this.key = key;
    this.listener = listener;
  }

  /** The HTTP request that opens a WebSocket. */
  static String upgrade(URI address, String query, String headers) {
    return "GET %s%s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            .formatted(address.getPath(), query, address.getHost(), address.getPort())
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bG9hZC1nZW5lcmF0b3ItMQ==\r\n"
        + headers
        + "\r\n";
  }

  void send(String text) {
    send(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  private void send(int opcode, byte[] payload) {
    boolean large = payload.length > 125;
    ByteBuffer to = room(payload.length + 8);
    to.put((byte) (0x80 | opcode)).put((byte) (0x80 | (large ? 126 : payload.length)));
    if (large) {
      to.putShort((short) payload.length);
    }
    to.putInt(0).put(payload);
    loop.hasUnsent(this);
  }

  void sendRaw(String ascii) {
    byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
    room(bytes.length).put(bytes);
    if (channel.isConnected()) {
      loop.hasUnsent(this);
    }
  }

  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      out = ByteBuffer.allocate(2 * (out.capacity() + bytes)).put(out.flip());
    }
    return out;
  }

  void flush() {
    if (closed || out.position() == 0) {
      return;
    }
    try {
      channel.write(out.flip());
      out.compact();
      key.interestOps(
          out.position() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ);
    } catch (IOException broken) {
      close(String.valueOf(broken.getMessage()));
    }
  }

  void ready(ByteBuffer buffer) {
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        flush();
      } else if (key.isWritable()) {
        flush();
      }
      if (!closed && key.isReadable()) {
        buffer.clear();
        if (channel.read(buffer) < 0) {
          close("end of stream");
        } else {
          take(buffer.flip());
        }
      }
    } catch (IOException broken) {
      close(String.valueOf(broken.getMessage()));
    }
  }

  private void take(ByteBuffer read) {
    byte[] bytes = new byte[rest.length + read.remaining()];
    System.arraycopy(rest, 0, bytes, 0, rest.length);
    read.get(bytes, rest.length, read.remaining());
    int at = 0;
    while (!closed) {
      int next = open ? frame(bytes, at) : answer(bytes);
      if (next < 0) {
        break;
      }
      at = next;
    }
    rest = at == bytes.length ? new byte[0] : Arrays.copyOfRange(bytes, at, bytes.length);
  }

  /**
   * @return where the next frame begins, or -1 if this one is not there as a whole
   */
  private int frame(byte[] bytes, int at) {
    if (bytes.length - at < 2) {
      return -1;
    }
    int length = bytes[at + 1] & 0x7f;
    int payload = at + 2;
    if (length == 126 && bytes.length - at >= 4) {
      length = unsignedShort(bytes, at + 2);
      payload = at + 4;
    } else if (length == 127 && bytes.length - at >= 10) {
      length = ByteBuffer.wrap(bytes, at + 6, 4).getInt();
      payload = at + 10;
    } else if (length > 125) {
      return -1;
    }
    if (bytes.length - payload < length) {
      return -1;
    }
    switch (bytes[at] & 0x0f) {
      case TEXT -> listener.frame(new String(bytes, payload, length, StandardCharsets.ISO_8859_1));
      case PING -> send(PONG, Arrays.copyOfRange(bytes, payload, payload + length));
      case CLOSE -> close("closed by the server: " + closeCode(bytes, payload, length));
      default -> {}
    }
    return payload + length;
  }

  private static int closeCode(byte[] bytes, int payload, int length) {
    return length < 2 ? 1005 : unsignedShort(bytes, payload);
  }

  private static int unsignedShort(byte[] bytes, int at) {
    return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
  }

  private int answer(byte[] bytes) {
    String headers = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = headers.indexOf(new String(END_OF_HEADERS, StandardCharsets.US_ASCII));
    if (end < 0) {
      return -1;
    }
    if (!headers.startsWith("HTTP/1.1 101 ")) {
      close(headers.substring(0, headers.indexOf('\r')));
      return -1;
    }
    open = true;
    listener.opened();
    return end + END_OF_HEADERS.length;
  }

  private void close(String reason) {
    if (!closed) {
      closed = true;
      try {
        channel.close();
      } catch (IOException alreadyBroken) {
        // what is broken is closed
      }
      listener.closed(reason);
    }
  }
}
