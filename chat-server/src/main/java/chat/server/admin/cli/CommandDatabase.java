package chat.server.admin.cli;

import chat.server.database.DatabaseAddress;
import chat.server.database.EmbeddedDatabase;
import chat.server.database.StartUnderWay;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The embedded PostgreSQL where no server runs: for one command, with which it ends, also if a
 * signal (Ctrl-C, SIGTERM) ends the command. Thread-safe.
 */
final class CommandDatabase implements AutoCloseable {
  private final EmbeddedDatabase database;
  private final Thread atSignal;

  private CommandDatabase(EmbeddedDatabase database, Thread atSignal) {
    this.database = database;
    this.atSignal = atSignal;
  }

  /**
   * @throws IOException if it does not start
   */
  static CommandDatabase start(Path directory) throws IOException {
    StartUnderWay<EmbeddedDatabase> start = new StartUnderWay<>(directory);
    Thread atSignal = new Thread(start::close, "chat-stop");
    Runtime.getRuntime().addShutdownHook(atSignal);
    try {
      EmbeddedDatabase database = EmbeddedDatabase.start(directory);
      start.done(database);
      return new CommandDatabase(database, atSignal);
    } catch (IOException | RuntimeException | Error fault) {
      start.failed(fault);
      forget(atSignal);
      throw fault;
    }
  }

  DatabaseAddress address() {
    return database.address();
  }

  @Override
  public void close() throws IOException {
    database.close();
    forget(atSignal);
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endsAlready) {
      // then it runs, and finds nothing to do
    }
  }
}
