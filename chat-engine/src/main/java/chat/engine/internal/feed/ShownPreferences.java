package chat.engine.internal.feed;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Receipt;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The preferences that this node has shown lately, so that a change which arrives by an envelope
 * and is then found in the store is shown once. Bounded: the eldest are forgotten, and may then be
 * shown again, which is harmless, since sessions know the later one by its version. Owned by the
 * thread of its shard.
 */
final class ShownPreferences {
  private static final int MAX = 16_384;

  private record Key(ConversationId conversation, UserId user) {}

  /**
   * @param joinedRev of the membership: versions begin anew with it
   */
  private record Shown(long joinedRev, long version) {
    boolean isBefore(long otherJoinedRev, long otherVersion) {
      return joinedRev < otherJoinedRev || (joinedRev == otherJoinedRev && version < otherVersion);
    }
  }

  private final LinkedHashMap<Key, Shown> shown =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Shown> eldest) {
          return size() > MAX;
        }
      };

  /**
   * @return whether the preferences are later than those that were shown
   */
  boolean advance(Receipt member) {
    Key key = new Key(member.conversation(), member.user());
    Shown before = shown.get(key);
    Shown now = new Shown(member.joinedRev(), member.preferences().version());
    if (before != null && !before.isBefore(now.joinedRev(), now.version())) {
      return false;
    }
    shown.put(key, now);
    return true;
  }
}
