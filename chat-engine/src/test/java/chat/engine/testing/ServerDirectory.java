package chat.engine.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The temporary directory in which one server keeps its files; it outlives a kill and a restart. In
 * memory where there is room, because databases come and go with hundreds of files each.
 */
final class ServerDirectory {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Far more than all tests need at once: a container often has 64 MB there. */
  private static final long ROOM_BYTES = 4L << 30;

  private static final Pattern NAME = Pattern.compile("chat-test-[a-z-]+-(\\d+)-\\d+");
  private static final long PID = ProcessHandle.current().pid();
  private static final Path PARENT = parent();

  private final Path path;

  private ServerDirectory(Path path) {
    this.path = path;
  }

  static ServerDirectory create(String prefix) {
    try {
      return new ServerDirectory(Files.createTempDirectory(PARENT, prefix + PID + "-"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path parent() {
    if (Files.isWritable(MEMORY) && MEMORY.toFile().getUsableSpace() > ROOM_BYTES) {
      deleteAbandoned();
      return MEMORY;
    }
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** Those of tests that were killed, which would keep memory. */
  private static void deleteAbandoned() {
    try (Stream<Path> all = Files.list(MEMORY)) {
      all.filter(ServerDirectory::isAbandoned).forEach(one -> new ServerDirectory(one).delete());
    } catch (IOException | UncheckedIOException away) {
      // another process of tests was faster
    }
  }

  private static boolean isAbandoned(Path directory) {
    Matcher name = NAME.matcher(directory.getFileName().toString());
    return name.matches() && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty();
  }

  Path path() {
    return path;
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  /** Deletes what can be deleted: a file left in a temporary directory is no reason to fail. */
  void delete() {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException left) {
      path.toFile().deleteOnExit();
    }
  }
}
