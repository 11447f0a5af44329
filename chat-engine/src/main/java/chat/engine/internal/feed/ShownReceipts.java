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

  private record Key(ConversationId conversation, UserId user) {}

  /** A member who has read a message has received it. */
  private record Shown(long read, long received) {
    static final Shown NOTHING = new Shown(0, 0);

    boolean covers(ReceiptKind kind, long seq) {
      return seq <= (kind == ReceiptKind.READ ? read : received);
    }

    Shown with(ReceiptKind kind, long seq) {
      return new Shown(kind == ReceiptKind.READ ? seq : read, Math.max(received, seq));
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
   * @return whether the receipt tells more than those that were shown
   */
  boolean advance(ReceiptMoved moved) {
    Key key = new Key(moved.conversation(), moved.user());
    Shown before = shown.getOrDefault(key, Shown.NOTHING);
    if (before.covers(moved.kind(), moved.seq())) {
      return false;
    }
    shown.put(key, before.with(moved.kind(), moved.seq()));
    return true;
  }
}
