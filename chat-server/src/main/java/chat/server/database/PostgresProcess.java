package chat.server.database;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of the PostgreSQL program on the data in a home directory. It listens on 127.0.0.1 and
 * lets in who knows the password, which is in a file that only the server's own user can read:
 * others on the machine cannot read the messages. Not thread-safe; the caller holds the lock on the
 * directory.
 */
final class PostgresProcess {
  private static final Logger log = LoggerFactory.getLogger(PostgresProcess.class);

  /**
   * For a PostgreSQL that runs and is not ready. After a crash it may read its log for minutes, and
   * would begin again if it were ended; one that has ended by itself is noticed at once.
   */
  private static final Duration START_WAIT = Duration.ofHours(1);

  /** After the 5 s that the library waits for a fast shutdown. */
  private static final Duration KILL_AFTER = Duration.ofSeconds(5);

  private static final String USER = "postgres";

  /** Of the PostgreSQL that the build brings; what another one wrote it cannot read. */
  private static final String MAJOR = "18";

  private static final int PASSWORD_BYTES = 24;

  /** The library makes it in the end. */
  private static final String UNPACKED = ".exists";

  private static final String LIBRARYS_LOCK = "epg-lock";

  /**
   * Below those that systems give to outgoing connections: one of them could be gone before
   * PostgreSQL, which takes its time, listens.
   */
  private static final int FIRST_PORT = 20_000;

  private static final int LAST_PORT = 32_000;
  private static final int PORTS_TRIED = 100;

  /** Of {@code postmaster.pid}, counted from 0. */
  private static final int PORT_LINE = 3;

  private final EmbeddedPostgres postgres;
  private final ProcessHandle postmaster;
  private final String password;

  private PostgresProcess(EmbeddedPostgres postgres, ProcessHandle postmaster, String password) {
    this.postgres = postgres;
    this.postmaster = postmaster;
    this.password = password;
  }

  /**
   * @throws IOException if it does not start
   */
  static PostgresProcess start(Path home) throws IOException {
    Path unfinished = home.resolve("unfinished");
    if (Files.exists(unfinished)) {
      log.info("the first start was cut off before it had made a database; it is made anew");
      HomeProcesses.endPrograms(home);
      deleteTree(data(home));
    }
    if (isMade(home)) {
      requireMajor(home);
    } else {
      Files.write(unfinished, new byte[0]);
      makePassword(home);
    }
    PostgresProcess started = startOn(home, freePort());
    Files.deleteIfExists(unfinished);
    return started;
  }

  /** On the port that it had before. */
  static PostgresProcess startAgain(Path home, int port) throws IOException {
    return startOn(home, port);
  }

  /** If it fails or is interrupted, it stops what it has begun, which would go on without it. */
  private static PostgresProcess startOn(Path home, int port) throws IOException {
    try {
      return begin(home, port);
    } catch (IOException | RuntimeException fault) {
      boolean interrupted = Thread.interrupted();
      try {
        Optional<ProcessHandle> begun = HomeProcesses.postmaster(home);
        if (begun.isPresent()) {
          HomeProcesses.stop(begun.get());
        }
        HomeProcesses.endPrograms(home);
        Files.deleteIfExists(data(home).resolve(LIBRARYS_LOCK)); // which it keeps, for good
      } catch (IOException left) {
        fault.addSuppressed(left);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      throw fault;
    }
  }

  private static PostgresProcess begin(Path home, int port) throws IOException {
    deleteHalfUnpacked(home);
    Path data = Files.createDirectories(data(home));
    StartLog said = new StartLog(home);
    ProcessBuilder.Redirect output = said.begin();
    Path passwordFile = passwordFile(home);
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setOverrideWorkingDirectory(binaries(home).toFile())
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setServerConfig("unix_socket_directories", "") // its lock could outlive it, too
            .setServerConfig("max_connections", "100")
            .setServerConfig("shared_buffers", "256MB")
            .setServerConfig("max_wal_size", "2GB")
            // made for tests, its own defaults would lose commits in a crash
            .setServerConfig("fsync", "on")
            .setServerConfig("synchronous_commit", "on")
            .setServerConfig("full_page_writes", "on")
            // its log is for its start and its end; what fails in between is thrown
            .setServerConfig("log_min_messages", "log")
            .setServerConfig("log_checkpoints", "off")
            .setOutputRedirector(output)
            .setErrorRedirector(output)
            // what it takes for the locale are options of initdb like any other
            .setLocaleConfig("locale", "C")
            .setLocaleConfig("locale-provider", "builtin") // knows all letters on every system
            .setLocaleConfig("builtin-locale", "C.UTF-8")
            .setPort(port)
            .setPGStartupWait(START_WAIT)
            .setRegisterShutdownHook(false); // the server stops first, and then its database
    String password = "";
    if (Files.exists(passwordFile)) { // data of an older version wants none
      password = Files.readString(passwordFile);
      builder
          .setLocaleConfig("auth", "scram-sha-256")
          .setLocaleConfig("pwfile", passwordFile.toString())
          .setConnectConfig("password", password);
    }
    try (StartLog.Watch watch = said.new Watch()) {
      EmbeddedPostgres postgres;
      try {
        postgres = builder.start();
      } catch (IOException late) {
        watch.failed();
        throw notStarted(said, late);
      }
      if (watch.failed()) {
        throw notStarted(said, null);
      }
      if (Thread.currentThread().isInterrupted()) { // the library has stopped waiting for it
        throw new IOException("the start of the embedded PostgreSQL was interrupted");
      }
      OwnersOnly.set(binaries(home), "rwx------"); // the library opened it to all
      return new PostgresProcess(postgres, HomeProcesses.named(home).orElseThrow(), password);
    } catch (IllegalStateException missing) {
      throw new IOException(
          "PostgreSQL cannot be run here, on %s %s (%s%s); name one with --database-url"
              .formatted(
                  System.getProperty("os.name"),
                  System.getProperty("os.arch"),
                  missing.getMessage(),
                  said.reason().isEmpty() ? "" : ": " + said.reason()),
          missing);
    }
  }

  private static IOException notStarted(StartLog said, @Nullable IOException late) {
    String reason = said.reason();
    return new IOException(
        "the embedded PostgreSQL does not start: "
            + (reason.isEmpty() && late != null ? String.valueOf(late.getMessage()) : reason),
        late);
  }

  /**
   * What was killed while it unpacked the program left some files, which would be taken for whole.
   */
  private static void deleteHalfUnpacked(Path home) throws IOException {
    if (!Files.exists(binaries(home))) {
      return;
    }
    List<Path> unpacked;
    try (Stream<Path> programs = Files.list(binaries(home))) {
      unpacked = programs.filter(Files::isDirectory).toList();
    }
    for (Path program : unpacked) {
      if (!Files.exists(program.resolve(UNPACKED))) {
        log.info("unpacking PostgreSQL was cut off; it is unpacked anew");
        deleteTree(program);
      }
    }
  }

  /** Empties what PostgreSQL says of itself if it has become long. */
  static void boundLog(Path home) {
    new StartLog(home).bound();
  }

  private static int freePort() throws IOException {
    for (int i = 0; i < PORTS_TRIED; i++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException taken) {
        log.debug("port {} is taken: {}", port, taken.toString());
      }
    }
    throw new IOException(
        "no port from %d to %d is free for PostgreSQL".formatted(FIRST_PORT, LAST_PORT));
  }

  static Path data(Path home) {
    return home.resolve("postgres");
  }

  static Path binaries(Path home) {
    return home.resolve("binaries");
  }

  private static Path passwordFile(Path home) {
    return home.resolve("database-password");
  }

  private static void makePassword(Path home) throws IOException {
    byte[] random = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(random);
    Path file = passwordFile(home);
    Files.deleteIfExists(file);
    Files.createFile(file);
    OwnersOnly.set(file, "rw-------");
    Files.writeString(file, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  /** PostgreSQL would not start, and say why only where nobody looks. */
  private static void requireMajor(Path home) throws IOException {
    String major = Files.readString(data(home).resolve("PG_VERSION")).strip();
    if (!major.equals(MAJOR)) {
      throw new IOException(
          "the data in %s was made by PostgreSQL %s, and this chat-server brings %s: with the jar that made it run admin backup DIR --data-dir=%s, and with this one admin restore DIR --data-dir=a-new-directory"
              .formatted(home, major, MAJOR, home));
    }
  }

  static boolean isMade(Path home) {
    return Files.exists(data(home).resolve("PG_VERSION"));
  }

  /** Where PostgreSQL listens that runs on the data of a home directory. */
  static Optional<DatabaseAddress> running(Path home) throws IOException {
    if (HomeProcesses.postmaster(home).isEmpty()) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(HomeProcesses.pidFile(home));
    if (lines.size() <= PORT_LINE) {
      return Optional.empty(); // it is only starting
    }
    Path passwordFile = passwordFile(home);
    return Optional.of(
        address(
            Integer.parseInt(lines.get(PORT_LINE).strip()),
            Files.exists(passwordFile) ? Files.readString(passwordFile) : ""));
  }

  private static DatabaseAddress address(int port, String password) {
    return new DatabaseAddress("jdbc:postgresql://127.0.0.1:" + port + "/postgres", USER, password);
  }

  boolean isAlive() {
    return HomeProcesses.runs(postmaster);
  }

  int port() {
    return postgres.getPort();
  }

  DatabaseAddress address() {
    return address(port(), password);
  }

  /**
   * Stops it, within about 10 s. One that does not end by then, because it stands still or its disk
   * is slow, is killed; it recovers when it is started again, since every commit is on the disk.
   */
  void stop() throws IOException {
    boolean interrupted = Thread.interrupted(); // or the library would not wait
    try {
      postgres.close();
      if (!HomeProcesses.awaitEnd(postmaster, KILL_AFTER)) {
        log.warn(
            "the embedded PostgreSQL does not stop and is killed; it recovers at the next start");
        List<ProcessHandle> children = postmaster.descendants().toList();
        postmaster.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        HomeProcesses.awaitEnd(postmaster, KILL_AFTER);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
