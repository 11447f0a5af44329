package chat.server.outgoing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/** A body that is kept in memory as long as it is short, and cut off where it is not. */
final class LimitedBody implements AnswerBody {
  private final int most;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * @param most bytes
   */
  LimitedBody(int most) {
    this.most = most;
  }

  @Override
  public boolean take(ByteBuffer part) {
    if (part.remaining() > most - bytes.size()) {
      throw new OutgoingFault("the answer has more than " + most + " bytes");
    }
    byte[] taken = new byte[part.remaining()];
    part.get(taken);
    bytes.writeBytes(taken);
    return true;
  }

  @Override
  public byte[] end() {
    return bytes.toByteArray();
  }
}
