package chat.engine.memory;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.PinnedMessage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.memory.conversation.WriteLog;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A store in the memory of this JVM, for tests, examples and chat that may be forgotten:
 * "committed" means no more than that the process lives. Engines that share one object are a
 * cluster. Keeps all its guarantees but that one.
 *
 * <p>Thread-safe; one lock guards everything, and nothing waits for long. Closing does nothing,
 * since others may share it. The heap grows with the messages, which are forgotten when they expire
 * only; what {@link #writesSince} tells is kept for ten minutes.
 *
 * <p>It has no transactions of its own, so for tests of applications it takes part in those of any
 * other database: what is done in one is stored when {@link chat.engine.TransactionalChat#publish}
 * is called, and never if it is not. No conversation is locked until then. Tests of applications
 * should use the test kit (in the test-jar), whose transactions end and lock as those on
 * PostgreSQL. Transactions of the store itself are locked against each other.
 */
public final class InMemoryMessageStore
    implements MessageStore, TransactionalStore, MachineIdLeaseSource {
  private static final Duration RETENTION = Duration.ofMinutes(10);

  private final InMemoryConversations conversations;
  private final InMemoryLocks locks = new InMemoryLocks();
  private final MachineIdLeases leases = new InMemoryMachineIdLeases();
  private final String epoch = UUID.randomUUID().toString();
  private final InMemoryLastSeen lastSeen = new InMemoryLastSeen();
  private final RetentionStore retention;
  private final FeedStore feeds;
  private final InMemoryProfiles profiles = new InMemoryProfiles();
  private final InMemoryUserReplacements replacements;

  public InMemoryMessageStore() {
    this(InstantSource.system(), RETENTION);
  }

  /** For tests of what happens when writes are forgotten. */
  InMemoryMessageStore(InstantSource clock, Duration retention) {
    this.conversations = new InMemoryConversations(new WriteLog(clock, retention));
    this.retention = new InMemoryRetention(conversations, clock);
    this.feeds = new InMemoryFeeds(conversations, clock);
    this.replacements = new InMemoryUserReplacements(conversations, lastSeen, profiles);
  }

  @Override
  public List<AppendOutcome> append(List<? extends Write> writes, Duration lockWait) {
    synchronized (conversations) {
      List<AppendOutcome> outcomes = new ArrayList<>(writes.size());
      for (Write write : writes) {
        outcomes.add(conversations.append(write));
      }
      return outcomes;
    }
  }

  @Override
  public StoreTransaction join(Connection transaction, Duration idleLimit) {
    return new InMemoryTransaction(conversations, null);
  }

  @Override
  public <T> T transact(Duration limit, Work<T> work) {
    try (InMemoryTransaction transaction = new InMemoryTransaction(conversations, locks)) {
      T result = work.run(transaction, null);
      transaction.committed();
      return result;
    }
  }

  @Override
  public List<StoredMessage> after(ConversationId id, long afterSeq, int limit) {
    return read(id, conversation -> conversation.stored(afterSeq, Long.MAX_VALUE, limit));
  }

  @Override
  public List<Message> before(ConversationId id, long beforeSeq, int limit) {
    return read(
        id,
        conversation -> {
          long end = Math.min(beforeSeq - 1, conversation.lastSeq());
          return conversation.messages(Math.max(0, end - limit), end, limit);
        });
  }

  @Override
  public Map<ConversationId, List<Message>> ranges(List<Range> ranges) {
    Map<ConversationId, List<Message>> found = new LinkedHashMap<>();
    for (Range range : ranges) {
      found.put(
          range.conversation(),
          read(
              range.conversation(),
              conversation ->
                  conversation.messages(range.afterSeq(), range.upToSeq(), range.limit())));
    }
    return found;
  }

  @Override
  public Map<Reading, Message> read(Collection<Reading> wanted) {
    synchronized (conversations) {
      Map<Reading, Message> found = new HashMap<>();
      for (Reading reading : wanted) {
        StoredConversation conversation = conversations.find(reading.conversation());
        if (conversation != null) {
          conversation
              .readable(reading.reader(), reading.seq())
              .ifPresent(message -> found.put(reading, message));
        }
      }
      return found;
    }
  }

  @Override
  public Map<ConversationId, List<Message>> changed(List<ChangedAfter> pieces) {
    Map<ConversationId, List<Message>> found = new LinkedHashMap<>();
    for (ChangedAfter piece : pieces) {
      found.put(
          piece.conversation(),
          read(
              piece.conversation(),
              conversation ->
                  conversation.changedAfter(piece.afterRev(), piece.upToSeq(), piece.limit())));
    }
    return found;
  }

  @Override
  public List<UserReactions> reactions(
      MessagePlace message, @Nullable Emoji emoji, @Nullable UserId after, int limit) {
    return read(
        message.conversation(),
        conversation -> conversation.reactions(message.seq(), emoji, after, limit));
  }

  @Override
  public Map<MessagePlace, Set<Emoji>> reactionsOf(UserId user, Collection<MessagePlace> messages) {
    synchronized (conversations) {
      Map<MessagePlace, Set<Emoji>> found = new HashMap<>();
      for (MessagePlace message : messages) {
        StoredConversation conversation = conversations.find(message.conversation());
        Set<Emoji> own =
            conversation == null ? Set.of() : conversation.reactionsOf(user, message.seq());
        if (!own.isEmpty()) {
          found.put(message, own);
        }
      }
      return found;
    }
  }

  @Override
  public List<PinnedMessage> pins(ConversationId id, long beforeRev, int limit) {
    return read(id, conversation -> conversation.pins(beforeRev, limit));
  }

  @Override
  public Map<ConversationId, List<Long>> pinned(Collection<ConversationId> ids) {
    Map<ConversationId, List<Long>> found = new HashMap<>();
    for (ConversationId id : ids) {
      List<Long> seqs = read(id, StoredConversation::pinned);
      if (!seqs.isEmpty()) {
        found.put(id, seqs);
      }
    }
    return found;
  }

  @Override
  public List<MessageVersion> versions(MessagePlace message, long after, int limit) {
    return read(
        message.conversation(), conversation -> conversation.versions(message.seq(), after, limit));
  }

  private interface Read<T> {
    List<T> from(StoredConversation conversation);
  }

  private <T> List<T> read(ConversationId id, Read<T> read) {
    synchronized (conversations) {
      StoredConversation conversation = conversations.find(id);
      return conversation == null ? List.of() : read.from(conversation);
    }
  }

  @Override
  public Map<ConversationId, Long> lastSeqs(Collection<ConversationId> ids) {
    synchronized (conversations) {
      Map<ConversationId, Long> found = new HashMap<>();
      for (ConversationId id : ids) {
        StoredConversation conversation = conversations.find(id);
        if (conversation != null) {
          found.put(id, conversation.lastSeq());
        }
      }
      return found;
    }
  }

  @Override
  public Writes writesSince(@Nullable Mark mark) {
    synchronized (conversations) {
      return conversations.log().since(mark);
    }
  }

  @Override
  public ConversationStore conversations() {
    return conversations;
  }

  @Override
  public InviteStore invites() {
    return conversations.invites();
  }

  @Override
  public ReportStore reports() {
    return conversations.reports();
  }

  @Override
  public RetentionStore retention() {
    return retention;
  }

  @Override
  public BlockStore blocks() {
    return conversations.blocks();
  }

  @Override
  public PrivacyStore privacy() {
    return conversations.privacy();
  }

  @Override
  public ProfileStore profiles() {
    return profiles;
  }

  @Override
  public LastSeenStore lastSeen() {
    return lastSeen;
  }

  @Override
  public UserReplacements replacements() {
    return replacements;
  }

  @Override
  public Optional<FeedStore> feeds() {
    return Optional.of(feeds);
  }

  @Override
  public Optional<MessageSearch> search() {
    return Optional.of(new InMemorySearch(conversations));
  }

  @Override
  public String epoch() {
    return epoch;
  }

  @Override
  public MachineIdLeases machineIdLeases() {
    return leases;
  }

  @Override
  public void close() {}
}
