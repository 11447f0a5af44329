package chat.engine.internal.feed;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The receipts that this node has shown lately, so that one which arrives by an envelope and is
 * then found in the store is shown once. Bounded: the eldest are forgotten, and may then be shown
 * again, which is harmless. Owned by the thread of its shard.
 */
final class ShownReceipts {
  private static final int MAX = 16_384;

  private record Key(ConversationId conversation, UserId user, ReceiptKind kind) {}

  private final LinkedHashMap<Key, Long> seqs =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Long> eldest) {
          return size() > MAX;
        }
      };

  /**
   * @return whether the receipt lies above all that were shown
   */
  boolean advance(ReceiptMoved moved) {
    Key key = new Key(moved.conversation(), moved.user(), moved.kind());
    Long before = seqs.get(key);
    if (before != null && before >= moved.seq()) {
      return false;
    }
    seqs.put(key, moved.seq());
    return true;
  }
}
