package chat.engine.redis;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What travels on a node's channel: a signal of one byte, or as many envelopes as were ready at
 * once, each behind its length, so that a busy sender costs Redis one command for many envelopes.
 */
final class Frames {
  /** From a node to itself: the subscription works. */
  static final byte[] PROBE = {0};

  /** From a node that found the table incomplete, or made it complete again. */
  static final byte[] CHECK = {2};

  private static final byte ENVELOPES = 1;

  /** Redis cuts a subscriber that lags by 32 MB; frames far below that let it see the end. */
  private static final int MAX_FRAME_BYTES = 512 * 1024;

  private Frames() {}

  static boolean isProbe(byte[] frame) {
    return Arrays.equals(frame, PROBE);
  }

  static boolean isCheck(byte[] frame) {
    return Arrays.equals(frame, CHECK);
  }

  /** In order; a single envelope may exceed the size of a frame. */
  static List<byte[]> pack(List<byte[]> envelopes) {
    List<byte[]> frames = new ArrayList<>(1);
    int start = 0;
    while (start < envelopes.size()) {
      int bytes = 1;
      int end = start;
      while (end < envelopes.size()
          && (end == start || bytes + 4 + envelopes.get(end).length <= MAX_FRAME_BYTES)) {
        bytes += 4 + envelopes.get(end).length;
        end++;
      }
      ByteBuffer frame = ByteBuffer.allocate(bytes).put(ENVELOPES);
      for (byte[] envelope : envelopes.subList(start, end)) {
        frame.putInt(envelope.length).put(envelope);
      }
      frames.add(frame.array());
      start = end;
    }
    return frames;
  }

  /**
   * @throws IllegalArgumentException if this is no frame of envelopes
   */
  static List<byte[]> unpack(byte[] frame) {
    ByteBuffer buffer = ByteBuffer.wrap(frame);
    if (!buffer.hasRemaining() || buffer.get() != ENVELOPES) {
      throw new IllegalArgumentException("a frame of an unknown type");
    }
    List<byte[]> envelopes = new ArrayList<>();
    while (buffer.hasRemaining()) {
      int length = buffer.remaining() < 4 ? -1 : buffer.getInt();
      if (length < 0 || length > buffer.remaining()) {
        throw new IllegalArgumentException("a frame was cut off");
      }
      byte[] envelope = new byte[length];
      buffer.get(envelope);
      envelopes.add(envelope);
    }
    return envelopes;
  }
}
