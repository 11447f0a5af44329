package chat.engine.internal.session;

import chat.engine.ConversationId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The order of the conversations in the answer to a session's last sync, as far as later pages need
 * it. It is decided with the first page: so a conversation that becomes active between two pages is
 * in neither of them twice, and in one of them. 8 bytes for each conversation. Immutable.
 */
public final class SyncPages {
  /** No sync has more than one page. */
  public static final SyncPages NONE = new SyncPages(new long[0]);

  private final long[] order;

  private SyncPages(long[] order) {
    this.order = order;
  }

  /**
   * @param order all conversations of the answer
   */
  public static SyncPages of(List<ConversationId> order) {
    return new SyncPages(order.stream().mapToLong(ConversationId::value).toArray());
  }

  /**
   * The same from a conversation on, so that the page behind it can be asked for again, and those
   * before it cannot.
   *
   * @return empty if the conversation is not in here
   */
  Optional<SyncPages> from(ConversationId last) {
    for (int i = 0; i < order.length; i++) {
      if (order[i] == last.value()) {
        return Optional.of(new SyncPages(Arrays.copyOfRange(order, i, order.length)));
      }
    }
    return Optional.empty();
  }

  /** All but the first. */
  List<ConversationId> afterFirst() {
    return Arrays.stream(order).skip(1).mapToObj(ConversationId::of).toList();
  }
}
