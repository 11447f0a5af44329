package chat.engine.memory.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import chat.engine.spi.PrivacyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Privacy settings in memory; the monitor of the conversations is their lock, too. */
public final class InMemoryPrivacy implements PrivacyStore {
  private final InMemoryConversations conversations;
  private final Map<UserId, Privacy> settings = new HashMap<>();
  private final Map<UserId, Instant> shownAt = new HashMap<>();

  InMemoryPrivacy(InMemoryConversations conversations) {
    this.conversations = conversations;
  }

  /**
   * Lets another user take the place of one.
   *
   * @param replacement null to forget the settings
   */
  void replace(UserId user, @Nullable UserId replacement) {
    synchronized (conversations) {
      Privacy before = settings.remove(user);
      shownAt.remove(user);
      if (before != null && replacement != null) {
        settings.put(replacement, before);
      }
    }
  }

  public boolean knows(UserId user) {
    synchronized (conversations) {
      return settings.containsKey(user);
    }
  }

  @Override
  public SetOutcome set(UserId user, PrivacyEdit edit, Instant now) {
    synchronized (conversations) {
      Privacy before = settings.getOrDefault(user, Privacy.OPEN);
      Privacy after = edit.applyTo(before);
      if (after.equals(before)) {
        return new SetOutcome.Done(before, false);
      }
      if (after.readReceipts() && !before.readReceipts()) {
        Duration since = Duration.between(shownAt.getOrDefault(user, Instant.MIN), now);
        if (!since.isNegative() && since.compareTo(SHOWN_AGAIN_PERIOD) < 0) {
          return new SetOutcome.TooSoon(SHOWN_AGAIN_PERIOD.minus(since));
        }
        shownAt.put(user, now);
        conversations.showReceiptsAgain(user, MOST_SHOWN_AGAIN);
      }
      settings.put(user, after);
      return new SetOutcome.Done(after, true);
    }
  }

  @Override
  public Map<UserId, Privacy> find(Collection<UserId> users) {
    synchronized (conversations) {
      Map<UserId, Privacy> found = new HashMap<>();
      for (UserId user : users) {
        Privacy privacy = settings.get(user);
        if (privacy != null) {
          found.put(user, privacy);
        }
      }
      return found;
    }
  }

  @Override
  public Set<UserId> directPeers(UserId user, Set<UserId> others) {
    synchronized (conversations) {
      Set<UserId> peers = new HashSet<>();
      for (UserId other : others) {
        List<UserId> pair =
            Conversation.direct(ConversationId.of(1), user, other, Instant.EPOCH).peers();
        if (conversations.findDirect(pair).isPresent()) {
          peers.add(other);
        }
      }
      return peers;
    }
  }
}
