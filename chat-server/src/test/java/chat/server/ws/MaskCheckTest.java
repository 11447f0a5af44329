package chat.server.ws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.java_websocket.exceptions.InvalidDataException;
import org.junit.jupiter.api.Test;

final class MaskCheckTest {
  private static final int[] LENGTHS = {0, 1, 125, 126, 127, 65_535, 65_536, 70_000};

  private static void frame(ByteArrayOutputStream out, int length, boolean masked) {
    int mask = masked ? 0x80 : 0;
    ByteBuffer frame = ByteBuffer.allocate(14 + length).put((byte) 0x81);
    if (length < 126) {
      frame.put((byte) (mask | length));
    } else if (length < 65_536) {
      frame.put((byte) (mask | 126)).putShort((short) length);
    } else {
      frame.put((byte) (mask | 127)).putLong(length);
    }
    if (masked) {
      frame.putInt(0); // and the payload: zeros, which would be no mask bit
    }
    frame.position(frame.position() + length).flip();
    out.writeBytes(java.util.Arrays.copyOf(frame.array(), frame.limit()));
  }

  /** In pieces of 1 to 20,000 bytes, as reads may end anywhere. */
  private static void check(byte[] bytes, Random random) throws InvalidDataException {
    MaskCheck masks = new MaskCheck();
    ByteBuffer all = ByteBuffer.wrap(bytes);
    while (all.hasRemaining()) {
      int piece = Math.min(all.remaining(), 1 + random.nextInt(random.nextBoolean() ? 4 : 20_000));
      ByteBuffer read = all.slice(all.position(), piece);
      masks.check(read);
      assertThat(read.remaining()).as("it only looks").isEqualTo(piece);
      all.position(all.position() + piece);
    }
  }

  @Test
  void anUnmaskedFrameIsFoundWhereverItStandsAndAMaskedOneNever() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream frames = new ByteArrayOutputStream();
      int count = 1 + random.nextInt(10);
      for (int i = 0; i < count; i++) {
        frame(frames, LENGTHS[random.nextInt(LENGTHS.length)], true);
      }
      assertThatCode(() -> check(frames.toByteArray(), random))
          .as("seed " + seed)
          .doesNotThrowAnyException();
      frame(frames, LENGTHS[random.nextInt(LENGTHS.length)], false);
      assertThatThrownBy(() -> check(frames.toByteArray(), random))
          .as("seed " + seed)
          .isInstanceOf(InvalidDataException.class);
    }
  }
}
