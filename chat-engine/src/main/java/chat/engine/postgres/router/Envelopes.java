package chat.engine.postgres.router;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Envelopes as payloads of notifications, which are text of less than 8,000 bytes. As many
 * envelopes as fit travel in one notification, each behind its length; an envelope that is larger
 * is split over several, which must be sent in one transaction: then nothing comes between them.
 *
 * <p>A payload is {@code E} and, in Base64, a number that makes it unique, which part it is, of how
 * many parts, and the part. PostgreSQL drops a notification that is equal to another one of the
 * same transaction; the number prevents that.
 */
final class Envelopes {
  /** To the node itself, over the other connection: notifications arrive. */
  static final String ECHO = "P";

  /** From a node that found the table incomplete, or made it complete again. */
  static final String CHECK = "C";

  private static final char KIND = 'E';
  private static final int MAX_PAYLOAD = 7_999;
  private static final int HEADER_BYTES = 12;
  static final int PART_BYTES = (MAX_PAYLOAD - 1) / 4 * 3 - HEADER_BYTES;

  private Envelopes() {}

  /**
   * In order.
   *
   * @param firstNumber of as many numbers as there are envelopes, not used by this node lately
   * @return payloads; those of one element must be sent in one transaction
   */
  static List<List<String>> pack(List<byte[]> envelopes, int firstNumber) {
    List<List<String>> frames = new ArrayList<>(1);
    int start = 0;
    while (start < envelopes.size()) {
      int bytes = 0;
      int end = start;
      while (end < envelopes.size()
          && (end == start || bytes + 4 + envelopes.get(end).length <= PART_BYTES)) {
        bytes += 4 + envelopes.get(end).length;
        end++;
      }
      ByteBuffer frame = ByteBuffer.allocate(bytes);
      for (byte[] envelope : envelopes.subList(start, end)) {
        frame.putInt(envelope.length).put(envelope);
      }
      frames.add(split(frame.array(), firstNumber + frames.size()));
      start = end;
    }
    return frames;
  }

  private static List<String> split(byte[] frame, int number) {
    int parts = Math.max(1, (frame.length + PART_BYTES - 1) / PART_BYTES);
    List<String> payloads = new ArrayList<>(parts);
    for (int part = 0; part < parts; part++) {
      int from = part * PART_BYTES;
      int length = Math.min(PART_BYTES, frame.length - from);
      byte[] bytes =
          ByteBuffer.allocate(HEADER_BYTES + length)
              .putInt(number)
              .putInt(part)
              .putInt(parts)
              .put(frame, from, length)
              .array();
      payloads.add(KIND + Base64.getEncoder().encodeToString(bytes));
    }
    return payloads;
  }

  /** Puts parts together again. Used by one thread. */
  static final class Reader {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int number;
    private int next;

    /**
     * @return the envelopes that are complete with this payload; null if parts are missing yet
     * @throws IllegalArgumentException if it is no such payload, or not the part that was expected
     */
    @Nullable List<byte[]> read(String payload) {
      if (payload.isEmpty() || payload.charAt(0) != KIND) {
        throw new IllegalArgumentException("a notification of an unknown kind");
      }
      ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(payload.substring(1)));
      if (bytes.remaining() < HEADER_BYTES) {
        throw new IllegalArgumentException("a notification was cut off");
      }
      int ofFrame = bytes.getInt();
      int part = bytes.getInt();
      int parts = bytes.getInt();
      if (part != next || part >= parts || (part > 0 && ofFrame != number)) {
        received.reset();
        next = 0;
        throw new IllegalArgumentException("part " + part + " of a notification came unexpected");
      }
      received.write(bytes.array(), bytes.position(), bytes.remaining());
      number = ofFrame;
      next = part + 1;
      if (next < parts) {
        return null;
      }
      next = 0;
      byte[] frame = received.toByteArray();
      received.reset();
      return unpack(frame);
    }

    private static List<byte[]> unpack(byte[] frame) {
      ByteBuffer buffer = ByteBuffer.wrap(frame);
      List<byte[]> envelopes = new ArrayList<>();
      while (buffer.hasRemaining()) {
        int length = buffer.remaining() < 4 ? -1 : buffer.getInt();
        if (length < 0 || length > buffer.remaining()) {
          throw new IllegalArgumentException("an envelope was cut off");
        }
        byte[] envelope = new byte[length];
        buffer.get(envelope);
        envelopes.add(envelope);
      }
      return envelopes;
    }
  }
}
