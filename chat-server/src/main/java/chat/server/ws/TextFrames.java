package chat.server.ws;

import java.nio.ByteBuffer;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.Role;
import org.java_websocket.framing.TextFrame;

/**
 * Texts as they go over the wire. A frame of a server is not masked, so the same bytes can go to
 * any number of connections. Thread-safe.
 */
public final class TextFrames {
  private static final Draft_6455 FRAMING = framing();

  private TextFrames() {}

  private static Draft_6455 framing() {
    Draft_6455 draft = new Draft_6455();
    draft.setParseMode(Role.SERVER);
    return draft;
  }

  /**
   * @param utf8 well-formed UTF-8: it is not checked here
   */
  public static byte[] of(byte[] utf8) {
    TextFrame frame = new TextFrame();
    frame.setPayload(ByteBuffer.wrap(utf8));
    ByteBuffer wire = FRAMING.createBinaryFrame(frame);
    byte[] bytes = new byte[wire.remaining()];
    wire.get(bytes);
    return bytes;
  }
}
