package chat.server.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file into which PostgreSQL writes what it says of itself: why it does not start, above all.
 * It begins anew with each start, and is bounded. Thread-safe.
 */
final class StartLog {
  private static final Logger log = LoggerFactory.getLogger(StartLog.class);
  private static final long MOST_BYTES = 1 << 20;
  private static final int LINES_SHOWN = 4;
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private static final long NEWS_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** What pg_ctl says last when PostgreSQL has ended instead of coming up. */
  private static final String GIVEN_UP = "could not start server";

  /** What pg_ctl says last after a minute. PostgreSQL goes on, or ends without a word of pg_ctl. */
  private static final String LEFT_ALONE = "server did not start in time";

  private static final String READY = "ready to accept connections";

  /** For the first connection to a PostgreSQL that says that it is ready. */
  private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Path home;
  private final Path file;

  StartLog(Path home) {
    this.home = home;
    file = home.resolve("postgres.log");
  }

  /** Empties it, for its owner alone. */
  ProcessBuilder.Redirect begin() throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(file);
    OwnersOnly.set(file, "rw-------");
    return ProcessBuilder.Redirect.appendTo(file.toFile());
  }

  /** Empties it if it has become long. PostgreSQL goes on at its new end. */
  void bound() {
    try {
      if (Files.exists(file) && Files.size(file) > MOST_BYTES) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(0);
        }
      }
    } catch (IOException fault) {
      log.debug("the log of PostgreSQL could not be cut", fault);
    }
  }

  /** Why it did not start, in its own words; empty if it has said nothing. */
  String reason() {
    return lastWords(lines(), LINES_SHOWN);
  }

  /** Of PostgreSQL; if it has said nothing, of pg_ctl. */
  private static String lastWords(List<String> said, int lines) {
    List<String> faults =
        said.stream()
            .filter(line -> line.matches(".*\\b(LOG|FATAL|PANIC|HINT|DETAIL|error): .*"))
            .toList();
    List<String> shown = faults.isEmpty() ? said : faults;
    return shown.subList(Math.max(0, shown.size() - lines), shown.size()).stream()
        .map(line -> line.replaceFirst("^.*?\\b(?=(LOG|FATAL|PANIC|HINT|DETAIL): )", "").strip())
        .collect(Collectors.joining("; "));
  }

  private List<String> lines() {
    try {
      return Files.exists(file)
          ? new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.isBlank())
              .toList()
          : List.of();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private boolean hasEnded(List<String> said) {
    return said(said, GIVEN_UP) || (said(said, LEFT_ALONE) && !HomeProcesses.hasPostmaster(home));
  }

  private static boolean said(List<String> lines, String words) {
    return lines.stream().anyMatch(line -> line.contains(words));
  }

  /**
   * Interrupts a start as soon as PostgreSQL has ended, or lets nobody in although it is ready, for
   * the library waits for it to the end. Meanwhile it tells every 10 s how far PostgreSQL is.
   */
  final class Watch implements AutoCloseable {
    private final Thread starter = Thread.currentThread();
    private final Thread watcher = new Thread(this::look, "chat-postgres-start");
    private boolean over; // guarded by this
    private boolean failed; // guarded by this

    Watch() {
      watcher.setDaemon(true);
      watcher.start();
    }

    private void look() {
      long news = System.nanoTime() + NEWS_NANOS;
      long notReady = System.nanoTime(); // the last time
      while (!isOver()) {
        List<String> said = lines();
        if (!said(said, READY)) {
          notReady = System.nanoTime();
        }
        if (hasEnded(said) || System.nanoTime() - notReady >= READY_NANOS) {
          fail();
          return;
        }
        if (System.nanoTime() - news >= 0) {
          news += NEWS_NANOS;
          log.info(
              "the embedded PostgreSQL is still starting; after a crash it reads its log first: {}",
              lastWords(said, 1));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }

    private synchronized boolean isOver() {
      return over;
    }

    private synchronized void fail() {
      if (!over) {
        failed = true;
        starter.interrupt();
      }
    }

    /** Whether the start was interrupted; it is not any more. */
    synchronized boolean failed() {
      over = true;
      return failed && Thread.interrupted();
    }

    @Override
    public synchronized void close() {
      over = true;
    }
  }
}
