package chat.engine.internal.conversation;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.Draft;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what conversations are, and which senders are known to be members under which rev, who
 * are not silenced and need not wait in slow mode. A cache: whatever it says of membership the
 * store checks again by the rev, which moves with silences and slow mode, too.
 *
 * <p>Bounded by two generations: when the young one is full the old one is forgotten and the young
 * one becomes old; what is used moves back to the young one. That keeps what is in use without a
 * list to maintain under a lock. Thread-safe.
 */
public final class ConversationDirectory {
  private static final int GENERATION = 65_536;
  private static final int MAX_VERIFIED = 4_096;

  /** A conversation and the senders that were found to be members under {@link Verified#rev()}. */
  public static final class Entry {
    /** A conversation as it was at a rev. */
    private record Seen(Conversation conversation, long rev) {}

    private volatile Seen seen;
    private volatile @Nullable Verified verified;

    Entry(Conversation conversation, long rev) {
      this.seen = new Seen(conversation, rev);
    }

    public Conversation conversation() {
      return seen.conversation();
    }

    private boolean isDirect() {
      return conversation().kind() == ConversationKind.DIRECT;
    }

    private synchronized void refresh(Conversation conversation, long rev) {
      if (rev > seen.rev()) {
        seen = new Seen(conversation, rev);
      }
    }

    /** The rev under which the sender is known to be a member; see {@link Draft#verifiedRev()}. */
    public long verifiedRev(UserId sender) {
      if (isDirect()) {
        return 0; // its two users never change
      }
      Verified known = verified;
      return known != null && known.senders().contains(sender) ? known.rev() : Draft.UNVERIFIED;
    }

    public void verified(UserId sender, long rev) {
      if (isDirect()) {
        return;
      }
      Verified known = verified;
      if (known == null || known.rev() < rev || known.senders().size() >= MAX_VERIFIED) {
        known = new Verified(rev, ConcurrentHashMap.newKeySet());
        verified = known;
      }
      if (known.rev() == rev
          && !known.senders().contains(sender)) { // to look is cheaper than to add
        known.senders().add(sender);
      }
    }
  }

  private record Verified(long rev, Set<UserId> senders) {}

  private final ConversationStore store;
  private volatile Map<ConversationId, Entry> young = new ConcurrentHashMap<>();
  private volatile Map<ConversationId, Entry> old = new ConcurrentHashMap<>();

  public ConversationDirectory(ConversationStore store) {
    this.store = store;
  }

  /** What is remembered; null if it has to be looked up. */
  public @Nullable Entry recall(ConversationId id) {
    Entry found = young.get(id);
    if (found == null) {
      found = old.get(id);
      if (found != null) {
        found = remember(id, found);
      }
    }
    return found;
  }

  /**
   * Those of the conversations that exist, asking the store for what is not remembered; blocks
   * then.
   */
  public Map<ConversationId, Entry> lookUp(Collection<ConversationId> ids) {
    Map<ConversationId, Entry> found = new HashMap<>();
    List<ConversationId> unknown = new ArrayList<>();
    for (ConversationId id : ids) {
      Entry entry = recall(id);
      if (entry == null) {
        unknown.add(id);
      } else {
        found.put(id, entry);
      }
    }
    if (!unknown.isEmpty()) {
      store
          .find(unknown)
          .forEach((id, stored) -> found.put(id, remember(stored.conversation(), stored.rev())));
    }
    return found;
  }

  /** The conversation, asking the store if need be; null if there is none. Blocks then. */
  public @Nullable Entry lookUp(ConversationId id) {
    return lookUp(List.of(id)).get(id);
  }

  public Entry remember(Conversation conversation, long rev) {
    Entry entry = remember(conversation.id(), new Entry(conversation, rev));
    entry.refresh(conversation, rev); // another may have remembered what it was before
    return entry;
  }

  /** What a conversation is after the change of a rev, for every later look-up. */
  public void refresh(Conversation conversation, long rev) {
    Entry entry = recall(conversation.id());
    if (entry == null) {
      remember(conversation, rev);
    } else {
      entry.refresh(conversation, rev);
    }
  }

  /**
   * Follows a change.
   *
   * @param conversation as it is after it
   */
  public void follow(Conversation conversation, ConversationChange change) {
    if (change.kind() == ConversationChange.Kind.DELETED) {
      forget(conversation.id());
    } else if (!change.kind().isOfMessage()) { // or an older name would be taken for this rev's
      refresh(conversation, change.rev());
    }
  }

  /** The conversation does not exist any more. */
  public void forget(ConversationId id) {
    young.remove(id);
    old.remove(id);
  }

  private Entry remember(ConversationId id, Entry entry) {
    if (young.size() >= GENERATION) {
      synchronized (this) {
        if (young.size() >= GENERATION) {
          old = young;
          young = new ConcurrentHashMap<>();
        }
      }
    }
    Entry earlier = young.putIfAbsent(id, entry);
    return earlier == null ? entry : earlier;
  }
}
