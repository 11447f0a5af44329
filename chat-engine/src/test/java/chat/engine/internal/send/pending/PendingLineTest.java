package chat.engine.internal.send.pending;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.internal.send.SendFixture;
import org.junit.jupiter.api.Test;

final class PendingLineTest {
  private final SendFixture fixture = new SendFixture();
  private final PendingLine line = new PendingLine();

  @Test
  void aLineThatIsClosedTakesNoSends() {
    assertThat(line.closeIfEmpty()).isTrue();
    assertThat(line.enter(fixture.send("late"), 1)).isEqualTo(PendingLine.Entry.CLOSED);
    assertThat(line.size()).isZero();
  }

  @Test
  void aLineWithASendIsNotClosed() {
    PendingSend send = fixture.send("pending");
    assertThat(line.enter(send, 1)).isEqualTo(PendingLine.Entry.ENTERED);
    assertThat(line.closeIfEmpty()).isFalse();
    assertThat(line.enter(fixture.send("one more"), 1)).isEqualTo(PendingLine.Entry.FULL);
    send.fail(ChatException.unavailable("away, on purpose", null));
    assertThat(line.closeIfEmpty()).isTrue();
  }
}
