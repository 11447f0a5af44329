package chat.server.push;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Unread;
import chat.engine.spi.ConversationStore.UnreadRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How many messages a user has not read, as a sync counts them. Costs the messages that are unread;
 * of a conversation with very many of them, the newest are counted only. Thread-safe; blocks.
 */
final class Badge {
  /** Of one conversation, the most messages that are looked at. */
  static final int MOST_OF_A_CONVERSATION = 1_000;

  private static final int PAGE = 500;

  private final ConversationStore conversations;

  /**
   * @param here unread in the conversation that was asked about
   * @param everywhere in all conversations
   */
  record Count(long here, long everywhere) {}

  Badge(ConversationStore conversations) {
    this.conversations = conversations;
  }

  Count of(UserId user, ConversationId conversation) {
    long here = 0;
    long everywhere = 0;
    ConversationId last = null;
    List<Membership> page;
    do {
      page = conversations.memberships(user, last, PAGE);
      for (Map.Entry<ConversationId, Unread> one : unread(user, page).entrySet()) {
        everywhere += one.getValue().messages();
        if (one.getKey().equals(conversation)) {
          here = one.getValue().messages();
        }
      }
      last = page.isEmpty() ? null : page.get(page.size() - 1).conversation().id();
    } while (page.size() == PAGE);
    return new Count(here, everywhere);
  }

  private Map<ConversationId, Unread> unread(UserId user, List<Membership> page) {
    List<UnreadRange> ranges = new ArrayList<>();
    for (Membership membership : page) {
      long last = membership.lastSeq();
      long after =
          Math.max(
              Math.max(
                  membership.readableAfter(),
                  membership.preferences().unreadAfter(membership.readSeq())),
              last - MOST_OF_A_CONVERSATION);
      if (last > after) {
        ranges.add(new UnreadRange(membership.conversation().id(), after, last, membership.rev()));
      }
    }
    return ranges.isEmpty() ? Map.of() : conversations.unread(user, ranges);
  }
}
