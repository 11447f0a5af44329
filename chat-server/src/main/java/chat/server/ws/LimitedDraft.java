package chat.server.ws;

import java.nio.ByteBuffer;
import java.util.List;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.Framedata;
import org.java_websocket.protocols.Protocol;

/**
 * The framing of RFC 6455, with a limit on a text that comes in fragments and the demand that
 * clients mask; the library by itself limits single frames only. Belongs to one connection and its
 * event loop.
 */
final class LimitedDraft extends Draft_6455 {
  private final int messageBytes;
  private final int maxFragments;
  private final Runnable heard;
  private final MaskCheck masks = new MaskCheck();
  private int fragments;
  private int fragmentBytes;

  /**
   * @param heard is run for each whole frame: bytes alone are no sign of life, since a client could
   *     let one frame drip in for ever
   */
  LimitedDraft(int messageBytes, int maxFragments, Runnable heard) {
    super(List.of(), List.of(new Protocol("")), messageBytes);
    this.messageBytes = messageBytes;
    this.maxFragments = maxFragments;
    this.heard = heard;
  }

  @Override
  public Draft copyInstance() {
    return new LimitedDraft(messageBytes, maxFragments, heard);
  }

  @Override
  public List<Framedata> translateFrame(ByteBuffer buffer) throws InvalidDataException {
    masks.check(buffer);
    return super.translateFrame(buffer);
  }

  @Override
  public void processFrame(WebSocketImpl connection, Framedata frame) throws InvalidDataException {
    heard.run();
    boolean data = frame.getOpcode() == Opcode.TEXT || frame.getOpcode() == Opcode.BINARY;
    if (frame.getOpcode() == Opcode.CONTINUOUS || (data && !frame.isFin())) {
      fragments++;
      fragmentBytes += frame.getPayloadData().remaining();
      if (fragments > maxFragments || fragmentBytes > messageBytes) {
        throw new LimitExceededException("too long a message in fragments", messageBytes);
      }
    }
    if (frame.getOpcode() == Opcode.CONTINUOUS && frame.isFin()) {
      fragments = 0;
      fragmentBytes = 0;
    }
    super.processFrame(connection, frame);
  }

  // Two drafts of the library are equal when their settings are; these have a state.
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
