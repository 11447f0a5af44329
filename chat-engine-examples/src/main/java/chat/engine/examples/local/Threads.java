package chat.engine.examples.local;

/** Starts daemon threads. */
public final class Threads {
  /** A pump needs next to no stack, and there are many. */
  private static final long STACK_BYTES = 128 * 1024;

  private Threads() {}

  public static void start(String name, Runnable work) {
    Thread thread = new Thread(null, work, name, STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
  }
}
