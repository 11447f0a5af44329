package chat.server.outgoing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads server-sent events as they come: the data of each line that has some. Lines have a bound,
 * and so has the whole.
 */
public final class EventStream implements AnswerBody {
  private static final int LONGEST_LINE = 256 * 1024;

  /** Of a long answer, each word of which is an event of some hundred bytes, this is a lot. */
  private static final long MOST = 64L << 20;

  private static final String DATA = "data:";

  private final Reader reader;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long left = MOST;

  /** Is told the data. One call at a time; must not block. */
  public interface Reader {
    /**
     * @return whether it wants more; if not, the stream is cut, which is a good end
     * @throws RuntimeException cuts the stream, and the call fails with it
     */
    boolean data(String data);
  }

  EventStream(Reader reader) {
    this.reader = reader;
  }

  @Override
  public boolean take(ByteBuffer part) {
    left -= part.remaining();
    if (left < 0) {
      throw new OutgoingFault("the answer has more than " + MOST + " bytes");
    }
    while (part.hasRemaining()) {
      byte next = part.get();
      if (next != '\n') {
        add(next);
      } else if (!endOfLine()) {
        return false;
      }
    }
    return true;
  }

  private void add(byte next) {
    if (line.size() == LONGEST_LINE) {
      throw new OutgoingFault("a line of the answer has more than " + LONGEST_LINE + " bytes");
    }
    line.write(next);
  }

  private boolean endOfLine() {
    String text = line.toString(StandardCharsets.UTF_8).strip();
    line.reset();
    return !text.startsWith(DATA) || reader.data(text.substring(DATA.length()).strip());
  }

  /** The last line need not have an end. */
  @Override
  public byte[] end() {
    if (line.size() > 0) {
      endOfLine();
    }
    return new byte[0];
  }
}
