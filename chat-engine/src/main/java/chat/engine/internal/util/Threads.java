package chat.engine.internal.util;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the engine's threads: daemons, named {@code chat-<role>-<number>}. */
public final class Threads {
  private static final Logger log = LoggerFactory.getLogger(Threads.class);

  private static final class EngineThread extends Thread {
    EngineThread(Runnable task, String name) {
      super(task, name);
    }
  }

  /** Set while a thread of the application runs a task of the engine. */
  private static final ThreadLocal<Boolean> BORROWED = new ThreadLocal<>();

  private Threads() {}

  /** Whether the calling thread was made here, or runs a task of the engine at present. */
  public static boolean isEngineThread() {
    return Thread.currentThread() instanceof EngineThread || BORROWED.get() != null;
  }

  /** Runs a task of the engine on a thread of the application, which counts as the engine's. */
  public static void runAsEngine(Runnable task) {
    BORROWED.set(true);
    try {
      task.run();
    } finally {
      BORROWED.remove();
    }
  }

  public static ThreadFactory named(String role) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new EngineThread(task, "chat-" + role + "-" + number.incrementAndGet());
      thread.setDaemon(true);
      thread.setUncaughtExceptionHandler(
          (dead, fault) -> {
            log.error("thread {} died", dead.getName(), fault);
            tellApplication(dead, fault);
          });
      return thread;
    };
  }

  /**
   * For what a thread catches and outlives. A lack of memory is the application's to judge all the
   * same: its default handler hears of it, as if the thread had died, and may end the process.
   */
  public static void outlived(Throwable fault) {
    if (fault instanceof OutOfMemoryError) {
      tellApplication(Thread.currentThread(), fault);
    }
  }

  private static void tellApplication(Thread thread, Throwable fault) {
    Thread.UncaughtExceptionHandler application = Thread.getDefaultUncaughtExceptionHandler();
    if (application == null) {
      return;
    }
    try {
      application.uncaughtException(thread, fault);
    } catch (RuntimeException | Error unheard) {
      log.error("the default handler of uncaught exceptions failed", unheard);
    }
  }
}
