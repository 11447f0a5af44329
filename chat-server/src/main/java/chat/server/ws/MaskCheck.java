package chat.server.ws;

import java.nio.ByteBuffer;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;

/**
 * Sees to it that a client masks its frames, as RFC 6455 (5.1) demands; the library takes others
 * too. Follows the frames through the bytes of a connection by their headers alone, wherever a read
 * ends. Belongs to one connection and its event loop.
 */
final class MaskCheck {
  private static final int MASK_BIT = 0x80;
  private static final int MASK_KEY_BYTES = 4;
  private static final int LENGTH_IN_TWO_BYTES = 126;
  private static final int LENGTH_IN_EIGHT_BYTES = 127;

  private int headerBytes;
  private int lengthBytes;
  private long length;
  private long payloadLeft;

  /**
   * Looks at the bytes that a read brought; takes none of them.
   *
   * @throws InvalidDataException with 1002 for a frame that is not masked
   */
  void check(ByteBuffer read) throws InvalidDataException {
    int at = read.position();
    while (at < read.limit()) {
      if (payloadLeft > 0) {
        int skipped = (int) Math.min(payloadLeft, read.limit() - at);
        payloadLeft -= skipped;
        at += skipped;
      } else {
        header(read.get(at++));
      }
    }
  }

  private void header(byte next) throws InvalidDataException {
    headerBytes++;
    if (headerBytes == 2) {
      if ((next & MASK_BIT) == 0) {
        throw new InvalidDataException(CloseFrame.PROTOCOL_ERROR, "a client masks its frames");
      }
      length = next & 0x7F;
      lengthBytes = length == LENGTH_IN_TWO_BYTES ? 2 : length == LENGTH_IN_EIGHT_BYTES ? 8 : 0;
      length = lengthBytes > 0 ? 0 : length;
    } else if (headerBytes > 2 && headerBytes <= 2 + lengthBytes) {
      length = (length << 8) | (next & 0xFF);
    }
    if (headerBytes > 2 && headerBytes == 2 + lengthBytes + MASK_KEY_BYTES) {
      payloadLeft = length;
      headerBytes = 0;
    }
  }
}
