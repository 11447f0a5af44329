package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EnvelopesTest {
  private static final int MOST = 7_999; // PostgreSQL allows less than 8,000 bytes

  private static List<byte[]> envelopes(int... sizes) {
    Random random = new Random(1);
    List<byte[]> envelopes = new ArrayList<>();
    for (int size : sizes) {
      byte[] envelope = new byte[size];
      random.nextBytes(envelope);
      envelopes.add(envelope);
    }
    return envelopes;
  }

  private static List<byte[]> roundTrip(List<byte[]> envelopes) {
    Envelopes.Reader reader = new Envelopes.Reader();
    List<byte[]> read = new ArrayList<>();
    for (List<String> frame : Envelopes.pack(envelopes, 7)) {
      for (int i = 0; i < frame.size(); i++) {
        assertThat(frame.get(i).length()).isLessThanOrEqualTo(MOST);
        List<byte[]> complete = reader.read(frame.get(i));
        assertThat(complete != null).isEqualTo(i == frame.size() - 1);
        if (complete != null) {
          read.addAll(complete);
        }
      }
    }
    return read;
  }

  @Test
  void envelopesOfAllSizesComeBackInOrder() {
    int part = Envelopes.PART_BYTES;
    List<byte[]> sent =
        envelopes(0, 1, 300, 300, part - 4, part - 3, part, 3 * part - 4, 3 * part, 200_000, 5);
    assertThat(roundTrip(sent)).containsExactlyElementsOf(sent);
    assertThat(roundTrip(envelopes(0))).hasSize(1);
  }

  @Test
  void manySmallEnvelopesShareANotification() {
    List<byte[]> sent = envelopes(IntStream.generate(() -> 280).limit(40).toArray());
    List<List<String>> frames = Envelopes.pack(sent, 1);
    assertThat(frames).hasSize(2).allSatisfy(frame -> assertThat(frame).hasSize(1));
  }

  @Test
  void equalEnvelopesAreDifferentNotifications() {
    byte[] large = new byte[Envelopes.PART_BYTES - 4];
    List<List<String>> frames = Envelopes.pack(List.of(large, large), 1);
    assertThat(frames.get(0)).doesNotContainAnyElementsOf(frames.get(1));
    assertThat(Envelopes.pack(List.of(large), 2).get(0)).doesNotContainSequence(frames.get(0));
  }

  @Test
  void aPartThatIsMissingIsNoticedAndTheNextFrameIsRead() {
    List<String> three = Envelopes.pack(envelopes(2 * Envelopes.PART_BYTES), 1).get(0);
    String whole = Envelopes.pack(envelopes(3), 2).get(0).get(0);
    Envelopes.Reader reader = new Envelopes.Reader();
    assertThat(reader.read(three.get(0))).isNull();
    assertThatThrownBy(() -> reader.read(three.get(2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(reader.read(whole)).hasSize(1);
    assertThat(reader.read(three.get(0))).isNull();
    assertThatThrownBy(() -> reader.read(whole)).isInstanceOf(IllegalArgumentException.class);
    assertThat(reader.read(whole)).hasSize(1);
  }

  @Test
  void whatIsNoEnvelopeIsRefused() {
    Envelopes.Reader reader = new Envelopes.Reader();
    String cutOff = Envelopes.pack(envelopes(30), 1).get(0).get(0).substring(0, 41);
    for (String wrong :
        List.of(
            "", "x", "E", "E#", "E" + Base64.getEncoder().encodeToString(new byte[12]), cutOff)) {
      assertThatThrownBy(() -> reader.read(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(reader.read(Envelopes.pack(envelopes(9), 1).get(0).get(0))).hasSize(1);
  }
}
