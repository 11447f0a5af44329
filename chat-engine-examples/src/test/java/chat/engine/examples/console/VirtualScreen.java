package chat.engine.examples.console;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.jline.utils.ScreenTerminal;

/** A terminal with keys to press and a screen to look at, without a person. */
public final class VirtualScreen implements Closeable {
  private static final int COLUMNS = 100;
  private static final int ROWS = 60;

  private final ScreenTerminal screen = new ScreenTerminal(COLUMNS, ROWS);
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final LineDisciplineTerminal terminal;

  public VirtualScreen() {
    try {
      terminal = new LineDisciplineTerminal("test", "xterm", new Glass(), StandardCharsets.UTF_8);
      terminal.setSize(Size.of(COLUMNS, ROWS));
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  /** Where the terminal's bytes go. */
  private final class Glass extends OutputStream {
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();

    @Override
    public synchronized void write(int one) {
      unfinished.write(one);
    }

    @Override
    public synchronized void write(byte[] some, int from, int length) {
      unfinished.write(some, from, length);
    }

    @Override
    public synchronized void flush() {
      synchronized (bytes) {
        bytes.writeBytes(unfinished.toByteArray());
      }
      screen.write(unfinished.toString(StandardCharsets.UTF_8));
      unfinished.reset();
    }
  }

  public Terminal terminal() {
    return terminal;
  }

  /** Presses keys; {@code \r} is Enter. */
  public void type(String keys) {
    try {
      terminal.processInputBytes(keys.getBytes(StandardCharsets.UTF_8));
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  /** Pastes, as terminals with bracketed paste do. */
  public void paste(String text) {
    type("\u001b[200~" + text.replace('\n', '\r') + "\u001b[201~");
  }

  /** Presses Ctrl and a letter. */
  public void control(char letter) {
    type(Character.toString(letter & 0x1f));
  }

  /** What is on the screen, without the spaces at the ends of lines. */
  public String text() {
    terminal.flush();
    return screen
        .toString()
        .lines()
        .map(String::stripTrailing)
        .collect(Collectors.joining("\n"))
        .strip();
  }

  /** Blocks until something is on the screen. */
  public void awaitText(String... parts) {
    await()
        .atMost(Duration.ofSeconds(20))
        .alias("the screen has " + String.join(", ", parts))
        .conditionEvaluationListener(
            condition -> {
              if (condition.getRemainingTimeInMS() < 200 && !condition.isSatisfied()) {
                System.out.println(text());
              }
            })
        .until(
            () -> {
              String now = text();
              return java.util.stream.Stream.of(parts).allMatch(now::contains);
            });
  }

  /** All that was sent to the terminal. */
  public String sent() {
    terminal.flush();
    synchronized (bytes) {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() throws IOException {
    terminal.close();
  }
}
