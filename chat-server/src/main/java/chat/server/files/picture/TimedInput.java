package chat.server.files.picture;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * Ends in a fault once its time is over. Decoders read as they work, so this ends them, too. Used
 * by one thread.
 */
final class TimedInput extends FilterInputStream {
  private final Duration time;
  private final long begunNanos = System.nanoTime();

  TimedInput(InputStream in, Duration time) {
    super(in);
    this.time = time;
  }

  private void requireTime() throws IOException {
    if (System.nanoTime() - begunNanos > time.toNanos()) {
      throw new IOException("the picture takes more than " + time.toMillis() + " ms");
    }
  }

  @Override
  public int read() throws IOException {
    requireTime();
    return super.read();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    requireTime();
    return super.read(into, offset, length);
  }
}
