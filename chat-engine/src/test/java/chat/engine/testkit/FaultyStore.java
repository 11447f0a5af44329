package chat.engine.testkit;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.PinnedMessage;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.InviteStore;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.ProfileStore;
import chat.engine.spi.PublicationOutbox;
import chat.engine.spi.ReportStore;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.TransactionalStore;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.Write;
import chat.engine.spi.feed.FeedStore;
import chat.engine.spi.search.MessageSearch;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The in-memory store as one node sees it: with the faults that are switched on, and with the locks
 * of transactions, which keep others from a conversation as those of a database do. Thread-safe.
 */
final class FaultyStore
    implements MessageStore, TransactionalStore, PublicationOutbox, MachineIdLeaseSource {
  private final SharedStore shared;
  private final InMemoryMessageStore real;
  private final Locks locks;
  private final List<ActiveFaults> faults;
  private final ConversationStore conversations;
  private final LastSeenStore lastSeen;
  private final BlockStore blocks;
  private final InviteStore invites;
  private final ReportStore reports;
  private final RetentionStore retention;
  private final PrivacyStore privacy;
  private final ProfileStore profiles;

  /**
   * @param faults of all nodes, and of this one
   */
  FaultyStore(SharedStore shared, List<ActiveFaults> faults) {
    this.shared = shared;
    this.real = shared.messages();
    this.locks = shared.locks();
    this.faults = List.copyOf(faults);
    this.conversations = new FaultyConversations(real.conversations(), locks, this.faults);
    this.lastSeen = new FaultyLastSeen(real.lastSeen(), this.faults);
    this.blocks = new FaultyBlocks(real.blocks(), this.faults);
    this.invites = new FaultyInvites(real.invites(), locks, this.faults);
    this.reports = new FaultyReports(real.reports(), this.faults);
    this.retention = new FaultyRetention(real.retention(), locks, this.faults);
    this.privacy = new FaultyPrivacy(real.privacy(), this.faults);
    this.profiles = new FaultyProfiles(real.profiles(), this.faults);
  }

  private <T> T upkeep(ActiveFaults.Call<T, RuntimeException> call) {
    return ActiveFaults.call(faults, StoreCall.UPKEEP, call);
  }

  private <T> T read(ActiveFaults.Call<T, RuntimeException> call) {
    return ActiveFaults.call(faults, StoreCall.READ, call);
  }

  @Override
  public List<AppendOutcome> append(List<? extends Write> writes, Duration lockWait) {
    return ActiveFaults.call(faults, StoreCall.SEND, () -> appendUnlocked(writes, lockWait));
  }

  private List<AppendOutcome> appendUnlocked(List<? extends Write> writes, Duration lockWait) {
    Object transaction = new Object();
    try {
      Set<ConversationId> free =
          writes.stream()
              .map(Write::conversation)
              .distinct()
              .filter(id -> locks.acquire(transaction, id, lockWait))
              .collect(Collectors.toSet());
      List<? extends Write> admitted =
          writes.stream().filter(write -> free.contains(write.conversation())).toList();
      Iterator<AppendOutcome> outcomes = real.append(admitted, lockWait).iterator();
      List<AppendOutcome> all = new ArrayList<>(writes.size());
      for (Write write : writes) {
        all.add(free.contains(write.conversation()) ? outcomes.next() : new AppendOutcome.Locked());
      }
      return all;
    } finally {
      locks.releaseAll(transaction);
    }
  }

  @Override
  public StoreTransaction join(Connection transaction, Duration idleLimit) {
    return TransactionConnection.of(transaction).join(shared, faults);
  }

  /** The store has no connection; a fault meets the transaction as a whole. */
  @Override
  public <T> T transact(Duration limit, Work<T> work) {
    return ActiveFaults.call(
        faults,
        StoreCall.WRITE,
        () -> {
          Connection none = TransactionConnection.withoutDatabase(new ActiveFaults(() -> {}));
          OpenTransaction transaction = new OpenTransaction(shared, real.join(none, limit));
          try {
            T result = work.run(new JoinedTransaction(transaction, List.of()), null);
            transaction.commit();
            return result;
          } finally {
            transaction.rollback();
          }
        });
  }

  @Override
  public List<StoredMessage> after(ConversationId conversation, long afterSeq, int limit) {
    return read(() -> real.after(conversation, afterSeq, limit));
  }

  @Override
  public List<Message> before(ConversationId conversation, long beforeSeq, int limit) {
    return read(() -> real.before(conversation, beforeSeq, limit));
  }

  @Override
  public Map<ConversationId, List<Message>> ranges(List<Range> ranges) {
    return read(() -> real.ranges(ranges));
  }

  @Override
  public Map<Reading, Message> read(Collection<Reading> wanted) {
    return read(() -> real.read(wanted));
  }

  @Override
  public Map<ConversationId, List<Message>> changed(List<ChangedAfter> pieces) {
    return read(() -> real.changed(pieces));
  }

  @Override
  public List<UserReactions> reactions(
      MessagePlace message, @Nullable Emoji emoji, @Nullable UserId after, int limit) {
    return read(() -> real.reactions(message, emoji, after, limit));
  }

  @Override
  public Map<MessagePlace, Set<Emoji>> reactionsOf(UserId user, Collection<MessagePlace> messages) {
    return read(() -> real.reactionsOf(user, messages));
  }

  @Override
  public List<MessageVersion> versions(MessagePlace message, long after, int limit) {
    return read(() -> real.versions(message, after, limit));
  }

  @Override
  public List<PinnedMessage> pins(ConversationId conversation, long beforeRev, int limit) {
    return read(() -> real.pins(conversation, beforeRev, limit));
  }

  @Override
  public Map<ConversationId, List<Long>> pinned(Collection<ConversationId> conversations) {
    return read(() -> real.pinned(conversations));
  }

  @Override
  public Map<ConversationId, Long> lastSeqs(Collection<ConversationId> ids) {
    return read(() -> real.lastSeqs(ids));
  }

  @Override
  public Writes writesSince(@Nullable Mark mark) {
    return upkeep(() -> real.writesSince(mark));
  }

  @Override
  public ConversationStore conversations() {
    return conversations;
  }

  @Override
  public BlockStore blocks() {
    return blocks;
  }

  @Override
  public InviteStore invites() {
    return invites;
  }

  @Override
  public ReportStore reports() {
    return reports;
  }

  @Override
  public RetentionStore retention() {
    return retention;
  }

  @Override
  public PrivacyStore privacy() {
    return privacy;
  }

  @Override
  public ProfileStore profiles() {
    return profiles;
  }

  @Override
  public UserReplacements replacements() {
    return real.replacements(); // fails as a whole, so it needs no separate faults
  }

  @Override
  public LastSeenStore lastSeen() {
    return lastSeen;
  }

  @Override
  public Optional<FeedStore> feeds() {
    return real.feeds().map(feeds -> new FaultyFeeds(feeds, faults));
  }

  @Override
  public Optional<MessageSearch> search() {
    return real.search().map(search -> new FaultySearch(search, faults));
  }

  @Override
  public List<Note> unpublished(Duration olderThan, int limit) {
    return upkeep(() -> shared.outbox().unpublished(olderThan, limit));
  }

  @Override
  public boolean published(Note note) {
    return upkeep(() -> shared.outbox().published(note));
  }

  @Override
  public String epoch() {
    return real.epoch();
  }

  @Override
  public MachineIdLeases machineIdLeases() {
    return real.machineIdLeases();
  }

  @Override
  public void close() {}

  private record FaultySearch(MessageSearch real, List<ActiveFaults> faults)
      implements MessageSearch, FaultyCalls {
    @Override
    public SearchPage search(Request request) {
      return read(() -> real.search(request));
    }

    @Override
    public Step index(ConversationId conversation) {
      return upkeep(() -> real.index(conversation));
    }

    @Override
    public List<ConversationId> behind(Collection<ConversationId> among) {
      return upkeep(() -> real.behind(among));
    }

    @Override
    public Laggards behind(@Nullable ConversationId after) {
      return upkeep(() -> real.behind(after));
    }
  }

  private record FaultyLastSeen(LastSeenStore real, List<ActiveFaults> faults)
      implements LastSeenStore, FaultyCalls {
    @Override
    public void record(Map<UserId, Instant> seen) {
      upkeep(
          () -> {
            real.record(seen);
            return true;
          });
    }

    @Override
    public Map<UserId, Instant> find(Collection<UserId> users) {
      return read(() -> real.find(users));
    }
  }
}
