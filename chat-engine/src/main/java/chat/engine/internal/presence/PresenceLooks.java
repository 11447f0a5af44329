package chat.engine.internal.presence;

import chat.engine.ChatException;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that looks where users are, and everything that follows from a look: so looks take
 * effect in the order in which they were made, and a router that hangs holds up presence only. All
 * that queued up is one look. Thread-safe; never blocks its callers.
 */
final class PresenceLooks implements AutoCloseable {
  static final int CAPACITY = 16_384;
  private static final int MAX_BATCH = 512;
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(PresenceLooks.class);

  private record Look(
      Collection<UserId> users, Consumer<Sighting> then, Consumer<Throwable> failed) {}

  private final PresenceProbe probe;
  private final BatchWorker<Look> worker;

  PresenceLooks(PresenceProbe probe) {
    this.probe = probe;
    this.worker =
        new BatchWorker<>(
            Threads.named("presence"), CAPACITY, MAX_BATCH, this::handle, PresenceLooks::refuse);
  }

  /**
   * Looks at users.
   *
   * @param then gets what was seen of these users, and perhaps of others, on the thread of the
   *     looks; it must not block
   * @param failed called instead if there is too much to do, or the engine closes
   */
  void look(Collection<UserId> users, Consumer<Sighting> then, Consumer<Throwable> failed) {
    if (!worker.offer(new Look(users, then, failed))) {
      failed.accept(
          worker.pending() >= CAPACITY
              ? ChatException.busy("too many wait for presence", RETRY_AFTER)
              : Errors.closing());
    }
  }

  /** Runs something in turn with what follows from looks; not at all if the engine closes. */
  void execute(Runnable task, Consumer<Throwable> failed) {
    look(List.of(), nothing -> task.run(), failed);
  }

  /** Looks that wait or are under way. */
  int pending() {
    return worker.pending();
  }

  private void handle(List<Look> batch) {
    Set<UserId> users = new HashSet<>();
    batch.forEach(look -> users.addAll(look.users()));
    Sighting sighting = probe.look(users);
    for (Look look : batch) {
      try {
        look.then().accept(sighting);
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.error("what was seen of {} users was lost", look.users().size(), fault);
        look.failed().accept(fault);
      }
    }
  }

  private static void refuse(List<Look> batch, Throwable cause) {
    batch.forEach(look -> look.failed().accept(Errors.closing()));
  }

  @Override
  public void close() {
    worker.close();
  }
}
