package chat.engine.testkit;

import java.util.EnumSet;
import java.util.Set;

/** The kinds of calls that reach the store, as far as faults tell them apart. */
enum StoreCall {
  /** Stores messages, in a transaction of the store's own. */
  SEND,
  /** Changes conversations or receipts, in a transaction of the store's own. */
  WRITE,
  READ,
  /** What the engine does by itself: comparing, noting when users were seen, erasing. */
  UPKEEP,
  SEND_IN_TRANSACTION,
  WRITE_IN_TRANSACTION,
  READ_IN_TRANSACTION,
  /** The commit of a transaction of the application. */
  COMMIT;

  /** Those that end with a commit, so that they can be in doubt. */
  static final Set<StoreCall> COMMITTING = EnumSet.of(SEND, WRITE, COMMIT);
}
