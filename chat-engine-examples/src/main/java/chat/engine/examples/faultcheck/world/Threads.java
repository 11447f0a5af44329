package chat.engine.examples.faultcheck.world;

/** Starts daemon threads. */
final class Threads {
  /** A pump needs next to no stack, and there are many. */
  private static final long STACK_BYTES = 128 * 1024;

  private Threads() {}

  static void start(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }
}
