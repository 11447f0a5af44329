package chat.server;

/** Asks about processes that are nobody's children by now. */
public final class Processes {
  private Processes() {}

  /**
   * Not so for one that has ended and that nobody collects, as in a container: it is listed, but no
   * longer with a command.
   */
  public static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }
}
