package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.privacy.HiddenReads;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.MessageStore.Writes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Shows the feeds of this node what a comparison with the store found. A feed that is as far does
 * nothing, and one that is behind reads what it misses; members who were added to a group without
 * this node hearing of it enter its feed. Thread-safe; blocks on the threads of the comparison and
 * of repairs only.
 */
public final class MissedWrites implements StoreComparison.Listener {
  /** Time for envelopes to arrive by themselves before a feed counts as behind. */
  private static final Duration GRACE = Duration.ofMillis(250);

  private static final Duration RETRY = Duration.ofMillis(500);
  private static final int PAGE = 512;

  private final ConversationStore conversations;
  private final ConversationDirectory directory;
  private final ShardedFeeds feeds;
  private final SessionRegistry registry;
  private final StoreThreads reads;
  private final HiddenReads hiddenReads;
  private final Timers timers;

  private enum Check {
    UNDER_WAY,
    /** Wanted again since it began, when it may have read the members already. */
    WANTED_AGAIN
  }

  /** Groups whose members are being read. */
  private final Map<ConversationId, Check> checks = new ConcurrentHashMap<>();

  public MissedWrites(
      ConversationStore conversations,
      ConversationDirectory directory,
      ShardedFeeds feeds,
      SessionRegistry registry,
      StoreThreads reads,
      HiddenReads hiddenReads,
      Timers timers) {
    this.conversations = conversations;
    this.directory = directory;
    this.feeds = feeds;
    this.registry = registry;
    this.reads = reads;
    this.hiddenReads = hiddenReads;
    this.timers = timers;
  }

  @Override
  public void committed(Writes writes) {
    Map<ConversationId, Conversation> known = lookUp(writes);
    List<Deleted> deleted = readDeletions(writes, known);
    Map<ConversationId, Set<UserId>> receipts = new HashMap<>(writes.receipts());
    receipts
        .keySet()
        .removeIf(
            id -> {
              Conversation conversation = known.get(id);
              return conversation == null || !concernsThisNode(conversation);
            });
    List<Receipt> moved = readReceipts(receipts);
    Set<UserId> hiding = readHiding(moved); // after the receipts
    timers.later(GRACE, () -> show(writes, known, moved, hiding, deleted));
  }

  @Override
  public void lostTrack() {
    for (UserSessions user : registry.all()) {
      for (Session session : user.sessions()) {
        session.resync();
      }
    }
  }

  /** The conversations with a change are read anew, so that the directory has their names. */
  private Map<ConversationId, Conversation> lookUp(Writes writes) {
    Map<ConversationId, Conversation> known = new HashMap<>();
    for (List<ConversationId> page : pages(writes.revs().keySet())) {
      for (Found found : conversations.find(page).values()) {
        directory.refresh(found.conversation(), found.rev());
        known.put(found.conversation().id(), found.conversation());
      }
    }
    List<ConversationId> others = new ArrayList<>(writes.lastSeqs().keySet());
    others.addAll(writes.receipts().keySet());
    others.removeAll(writes.revs().keySet()); // found already, or deleted
    for (List<ConversationId> page : pages(others)) {
      directory.lookUp(page).forEach((id, entry) -> known.put(id, entry.conversation()));
    }
    return known;
  }

  private record Deleted(Conversation conversation, ConversationChange change) {}

  /** What changed and does not exist any more: a deletion was its last change. */
  private List<Deleted> readDeletions(Writes writes, Map<ConversationId, Conversation> known) {
    List<Deleted> deleted = new ArrayList<>();
    writes
        .revs()
        .forEach(
            (id, rev) -> {
              if (!known.containsKey(id)) {
                for (ConversationChange change : conversations.changes(id, rev - 1, 1)) {
                  deleted.add(new Deleted(asRemembered(change), change));
                }
                directory.forget(id);
              }
            });
    return deleted;
  }

  /** The conversation that the change is about, as far as this node can still tell. */
  private Conversation asRemembered(ConversationChange change) {
    ConversationDirectory.Entry entry = directory.recall(change.conversation());
    if (entry != null) {
      return entry.conversation();
    }
    List<UserId> peers = change.subjects();
    return peers.size() == 2
        ? Conversation.direct(change.conversation(), peers.get(0), peers.get(1), change.at())
        : Conversation.group(change.conversation(), "", change.at()); // an open feed knows better
  }

  private static List<List<ConversationId>> pages(Collection<ConversationId> ids) {
    List<ConversationId> all = List.copyOf(ids);
    List<List<ConversationId>> pages = new ArrayList<>();
    for (int start = 0; start < all.size(); start += PAGE) {
      pages.add(all.subList(start, Math.min(start + PAGE, all.size())));
    }
    return pages;
  }

  private boolean concernsThisNode(Conversation conversation) {
    return conversation.kind() == ConversationKind.GROUP
        || conversation.peers().stream().anyMatch(peer -> registry.find(peer) != null);
  }

  private List<Receipt> readReceipts(Map<ConversationId, Set<UserId>> moved) {
    List<Receipt> read = new ArrayList<>();
    Map<ConversationId, Set<UserId>> page = new LinkedHashMap<>();
    int users = 0;
    for (Map.Entry<ConversationId, Set<UserId>> entry : moved.entrySet()) {
      page.put(entry.getKey(), entry.getValue());
      users += entry.getValue().size();
      if (users >= PAGE) {
        read.addAll(conversations.receipts(page));
        page = new LinkedHashMap<>();
        users = 0;
      }
    }
    if (!page.isEmpty()) {
      read.addAll(conversations.receipts(page));
    }
    return read;
  }

  private Set<UserId> readHiding(List<Receipt> moved) {
    List<UserId> users = moved.stream().map(Receipt::user).distinct().toList();
    Set<UserId> hiding = new HashSet<>();
    for (int start = 0; start < users.size(); start += PAGE) {
      hiding.addAll(hiddenReads.among(users.subList(start, Math.min(start + PAGE, users.size()))));
    }
    return hiding;
  }

  // ---- showing

  private void show(
      Writes writes,
      Map<ConversationId, Conversation> known,
      List<Receipt> receipts,
      Set<UserId> hiding,
      List<Deleted> deletions) {
    for (Deleted deleted : deletions) {
      feeds.changed(deleted.conversation(), deleted.change());
    }
    for (Conversation conversation : known.values()) {
      Long rev = writes.revs().get(conversation.id());
      long lastSeq = writes.lastSeqs().getOrDefault(conversation.id(), 0L);
      if (conversation.kind() == ConversationKind.GROUP) {
        feeds.observe(
            conversation,
            lastSeq,
            rev == null ? 0 : rev,
            rev == null ? () -> {} : () -> checkMembers(conversation));
      } else if (concernsThisNode(conversation)) {
        if (rev != null) {
          feeds.created(conversation, conversation.peers());
        }
        if (lastSeq > 0 || (rev != null && rev > 0)) {
          feeds.observe(conversation, lastSeq, rev == null ? 0 : rev, () -> {});
        }
      }
    }
    for (Receipt receipt : receipts) {
      Conversation conversation = known.get(receipt.conversation());
      if (conversation != null) {
        if (!hiding.contains(receipt.user())) {
          show(conversation, receipt, ReceiptKind.READ, receipt.readSeq());
        } else if (receipt.readSeq() > 0 && registry.find(receipt.user()) != null) {
          feeds.foundOwnRead(conversation, moved(receipt, ReceiptKind.READ, receipt.readSeq()));
        }
        show(conversation, receipt, ReceiptKind.RECEIVED, receipt.receivedSeq());
        if (receipt.preferences().version() > 0 && registry.find(receipt.user()) != null) {
          feeds.preferences(conversation, receipt, null);
        }
      }
    }
  }

  private void show(Conversation conversation, Receipt receipt, ReceiptKind kind, long seq) {
    if (seq > 0) {
      feeds.foundReceipt(conversation, moved(receipt, kind, seq));
    }
  }

  private static ReceiptMoved moved(Receipt receipt, ReceiptKind kind, long seq) {
    return new ReceiptMoved(receipt.conversation(), receipt.user(), kind, seq);
  }

  // ---- members

  /**
   * Lets the members of a group who are connected here enter its feed; repeated until the store
   * answers.
   */
  public void checkMembers(Conversation group) {
    Check check = checks.merge(group.id(), Check.UNDER_WAY, (before, now) -> Check.WANTED_AGAIN);
    if (check == Check.WANTED_AGAIN) {
      return;
    }
    reads
        .run(() -> admitMembers(group))
        .whenComplete(
            (done, fault) -> {
              boolean again = checks.remove(group.id()) == Check.WANTED_AGAIN;
              if (fault != null) {
                timers.later(RETRY, () -> checkMembers(group));
              } else if (again) {
                checkMembers(group);
              }
            });
  }

  private void admitMembers(Conversation group) {
    Found found = conversations.find(List.of(group.id())).get(group.id());
    if (found == null) {
      return;
    }
    conversations
        .members(group.id())
        .ifPresent(
            list -> {
              List<Member> here =
                  list.members().stream()
                      .filter(member -> registry.find(member.user()) != null)
                      .toList();
              feeds.admit(
                  found.conversation(),
                  here,
                  found.lastSeq(),
                  found.rev(), // read before the list, which so has all changes up to it
                  () -> checkMembers(group));
            });
  }

  /** Reads how far a group is, once its envelopes reach this node; repeated until it is known. */
  public void catchUp(Conversation group) {
    reads
        .submit(() -> conversations.find(List.of(group.id())))
        .whenComplete(
            (found, fault) -> {
              if (fault != null) {
                timers.later(RETRY, () -> catchUp(group));
              } else {
                found
                    .values()
                    .forEach(now -> feeds.observe(group, now.lastSeq(), now.rev(), () -> {}));
              }
            });
  }
}
