package chat.engine.internal.session;

import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import java.util.HashSet;
import java.util.Set;

/**
 * The reactions of one session whose acknowledgement takes the place of the event: those that were
 * acknowledged and whose change the feed has not brought yet. Not thread-safe; guarded by its
 * session.
 */
final class OwnReactions {
  private record Key(ConversationId conversation, long rev) {}

  private final Set<Key> acknowledged = new HashSet<>();

  boolean isEmpty() {
    return acknowledged.isEmpty();
  }

  void acknowledge(ConversationId conversation, long rev) {
    acknowledged.add(new Key(conversation, rev));
  }

  /** Whether an acknowledgement takes the place of this change. */
  boolean pass(ConversationChange change) {
    return acknowledged.remove(new Key(change.conversation(), change.rev()));
  }

  /** Forgets those whose changes will not come: these cursors cover them, or are without them. */
  void forgetCovered(Cursors cursors) {
    acknowledged.removeIf(
        key ->
            key.rev() <= cursors.rev(key.conversation()) || !cursors.contains(key.conversation()));
  }
}
