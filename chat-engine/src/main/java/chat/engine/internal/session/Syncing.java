package chat.engine.internal.session;

import java.util.ArrayList;
import java.util.List;

/**
 * A sync under way: messages and changes are held back until its answer tells which of them are
 * news.
 *
 * <p>Not thread-safe; guarded by its session.
 */
final class Syncing implements SessionStream.State {
  private final boolean wasCut;
  private List<SharedEvent> held = new ArrayList<>();
  private int bytes;
  private boolean overflowed;

  /**
   * @param wasCut whether the stream is cut again if the sync fails
   */
  Syncing(boolean wasCut) {
    this.wasCut = wasCut;
  }

  boolean wasCut() {
    return wasCut;
  }

  /** About the bytes that the held events hold in memory. */
  int bytes() {
    return bytes;
  }

  /** Holds an event back; once one does not fit in, none is held any more. */
  void hold(SharedEvent outgoing, int budgetBytes) {
    if (overflowed) {
      return;
    }
    if (bytes + outgoing.weight() > budgetBytes) {
      overflow();
      return;
    }
    held.add(outgoing);
    bytes += outgoing.weight();
  }

  /** Drops what is held; the stream is cut behind the answer. */
  void overflow() {
    overflowed = true;
    held = List.of();
    bytes = 0;
  }

  List<SharedEvent> held() {
    return held;
  }

  /** Whether something was not held, so that the stream must be cut behind the answer. */
  boolean hasOverflowed() {
    return overflowed;
  }
}
