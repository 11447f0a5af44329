package chat.engine.examples.cluster;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * The demo on a whole terminal: drawn once a second and after each key. Faults run on a thread of
 * their own, so that one sees what they do. Not thread-safe.
 */
public final class ClusterScreen {
  private static final long DRAW_MILLIS = 1_000;

  private final Terminal terminal;
  private final Demo demo;
  private final Display display;
  private final ExecutorService operator =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "operator");
            thread.setDaemon(true);
            return thread;
          });
  private Part chosen;
  private volatile boolean over;

  public ClusterScreen(Terminal terminal, Demo demo) {
    this.terminal = terminal;
    this.demo = demo;
    this.display = new Display(terminal, true);
    this.chosen = demo.cluster().parts().get(0);
  }

  /** Runs until q, Ctrl-C or the end of the input. */
  public void run() throws IOException {
    Attributes before = terminal.enterRawMode();
    terminal.handle(Terminal.Signal.INT, signal -> over = true);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.clear_screen);
    terminal.puts(Capability.cursor_invisible);
    try {
      NonBlockingReader keys = terminal.reader();
      View view = demo.view();
      long drawn = System.nanoTime();
      while (!over) {
        draw(view);
        long left = DRAW_MILLIS - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - drawn);
        int key = left <= 0 ? NonBlockingReader.READ_EXPIRED : keys.read(Math.max(1, left));
        if (key == NonBlockingReader.READ_EXPIRED) {
          view = demo.view();
          drawn = System.nanoTime();
        } else if (key < 0) {
          over = true;
        } else {
          pressed((char) key);
        }
      }
    } finally {
      operator.shutdownNow();
      terminal.puts(Capability.cursor_normal);
      terminal.puts(Capability.exit_ca_mode);
      terminal.flush();
      terminal.setAttributes(before);
    }
  }

  private void draw(View view) {
    Size size = terminal.getSize();
    int columns = Math.max(20, size.getColumns());
    int rows = Math.max(5, size.getRows());
    display.resize(Size.of(columns, rows));
    List<AttributedString> lines =
        view.screen(chosen.key(), rows).stream()
            .map(line -> line.columnSubSequence(0, columns))
            .toList();
    display.update(lines, 0);
  }

  private void pressed(char key) {
    switch (key) {
      case 'q' -> over = true;
      case 'k' -> handle("kill");
      case 's' -> handle("stop");
      case 'c' -> handle("continue");
      case 'x' -> handle(chosen.isCut() ? "mend" : "cut");
      case 'a' -> handle("start");
      case 'h' -> operator.execute(() -> handleLine("whole"));
      default ->
          demo.cluster().parts().stream()
              .filter(part -> part.key().charAt(0) == key)
              .findFirst()
              .ifPresent(part -> chosen = part);
    }
  }

  private void handle(String verb) {
    String line = verb + " " + chosen.key();
    operator.execute(() -> handleLine(line));
  }

  private void handleLine(String line) {
    try {
      demo.handle(line);
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      demo.note(line + ": " + fault);
    }
  }
}
