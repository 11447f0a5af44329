package chat.engine.examples.console.link;

import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.server.ServerFiles;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Says what the files of a message are, soon after it was shown: messages hold ids only.
 * Thread-safe; does not block.
 */
public final class FileNames implements AutoCloseable {
  private static final long KIBI = 1024;
  private static final int MOST_WAITING = 1_000;

  private final FileLink files;
  private final Screen screen;
  private final Map<String, ServerFiles.Description> known = new ConcurrentHashMap<>();

  /** When too many wait, or after the end, no name is told. */
  private final ExecutorService asker =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          work -> {
            Thread thread = new Thread(work, "file-names");
            thread.setDaemon(true);
            return thread;
          },
          new ThreadPoolExecutor.DiscardPolicy());

  public FileNames(FileLink files, Screen screen) {
    this.files = files;
    this.screen = screen;
  }

  /** Says it of all files of a message; nothing if it has none. */
  public void tell(JsonNode message) {
    long seq = message.get("seq").asLong();
    for (JsonNode file : message.path("attachments")) {
      asker.execute(() -> tell(seq, file.asString()));
    }
  }

  private void tell(long seq, String id) {
    try {
      ServerFiles.Description file = known.computeIfAbsent(id, files::describe);
      screen.note("     File of " + seq + ": " + file.name() + " (" + size(file.bytes()) + ")");
    } catch (Refusal refusal) {
      screen.note("     File of " + seq + ": it is not available.");
    }
  }

  public static String size(long bytes) {
    if (bytes < KIBI) {
      return bytes + " B";
    }
    return bytes < KIBI * KIBI ? bytes / KIBI + " KiB" : bytes / (KIBI * KIBI) + " MiB";
  }

  @Override
  public void close() {
    asker.shutdownNow();
  }
}
