package chat.server.ws;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

final class OutgoingBudgetTest {
  private final OutgoingBudget budget = new OutgoingBudget(1_000);

  private OutgoingFrames connection() {
    budget.enter();
    return new OutgoingFrames(new ArrayDeque<>(), 10_000, budget);
  }

  @Test
  void whileThereIsRoomAConnectionMayHoldAsMuchAsItsOwnLimitAllows() {
    OutgoingFrames one = connection();
    connection();
    assertThat(one.add(new byte[900])).isTrue();
    assertThat(one.add(new byte[900])).isTrue();
    assertThat(budget.bytes()).isEqualTo(1_800);
  }

  @Test
  void onceItIsUsedUpThoseWithMoreThanTheirShareGetNoMoreAndTheOthersDo() {
    OutgoingFrames greedy = connection();
    OutgoingFrames modest = connection();
    assertThat(greedy.add(new byte[1_100])).isTrue();
    assertThat(greedy.add(new byte[1])).isFalse();
    assertThat(modest.add(new byte[400])).isTrue();
    assertThat(modest.add(new byte[400])).isTrue();
    assertThat(modest.add(new byte[1])).isFalse(); // 800 of 2 x 500
  }

  @Test
  void whatIsWrittenOrForgottenIsGivenBack() throws IOException {
    OutgoingFrames one = connection();
    one.add(new byte[600]);
    one.add(new byte[600]);
    one.writeTo(new Sink(700));
    assertThat(budget.bytes()).isEqualTo(500);
    one.forgetUnsent();
    assertThat(budget.bytes()).isZero();
    one.add(new byte[300]);
    one.forgetBytes();
    one.forgetBytes();
    assertThat(budget.bytes()).isZero();
  }

  /** Takes so many bytes and then none. */
  private static final class Sink implements GatheringByteChannel {
    private long room;

    Sink(long room) {
      this.room = room;
    }

    @Override
    public long write(ByteBuffer[] buffers, int offset, int length) {
      long written = 0;
      for (int i = offset; i < offset + length; i++) {
        int taken = (int) Math.min(room, buffers[i].remaining());
        buffers[i].position(buffers[i].position() + taken);
        room -= taken;
        written += taken;
      }
      return written;
    }

    @Override
    public long write(ByteBuffer[] buffers) {
      return write(buffers, 0, buffers.length);
    }

    @Override
    public int write(ByteBuffer buffer) {
      return (int) write(new ByteBuffer[] {buffer});
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
