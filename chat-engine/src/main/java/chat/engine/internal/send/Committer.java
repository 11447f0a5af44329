package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.LogThrottle;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a batch of sends through one transaction of the store, and gives each its answer.
 *
 * <p>Three ways to fail are kept apart. The store is away, or there are no ids, and nothing was
 * stored: all are refused. The commit is in doubt: the batch is tried again until the store tells,
 * which is safe because every send is known by its client message id. Anything else is the fault of
 * some message: the batch is halved until that one fails alone.
 *
 * <p>Runs on the thread of a lane, blocking it. Thread-safe.
 */
public final class Committer {
  static final Duration NO_WAIT = Duration.ZERO;

  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final long FIRST_BACKOFF_NANOS = Duration.ofMillis(50).toNanos();
  private static final long MAX_BACKOFF_NANOS = Duration.ofSeconds(1).toNanos();

  private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

  private final LogThrottle refused = new LogThrottle(LOG_PERIOD);
  private final LogThrottle refusedForIds = new LogThrottle(LOG_PERIOD);
  private final LogThrottle doubts = new LogThrottle(LOG_PERIOD);
  private final MessageStore store;
  private final IdGenerator ids;
  private final ConversationDirectory directory;
  private final CircuitBreaker gate;
  private final CommittedSink sink;
  private final Executor answers;
  private final InstantSource clock;
  private final Metrics metrics;
  private final Duration doubtTimeout;
  private volatile boolean closed;

  public Committer(
      MessageStore store,
      IdGenerator ids,
      ConversationDirectory directory,
      CircuitBreaker gate,
      CommittedSink sink,
      Executor answers,
      InstantSource clock,
      Metrics metrics,
      Duration doubtTimeout) {
    this.store = store;
    this.ids = ids;
    this.directory = directory;
    this.gate = gate;
    this.sink = sink;
    this.answers = answers;
    this.clock = clock;
    this.metrics = metrics;
    this.doubtTimeout = doubtTimeout;
  }

  /**
   * Where committed messages go: the feeds of this node, the other nodes, the observers. Must not
   * block or throw.
   */
  public interface CommittedSink {
    void committed(List<CommittedMessage> fresh, List<CommittedMessage> duplicates);
  }

  /**
   * @param lockWait see {@link MessageStore#append}
   * @param whileInDoubt called now and then while the batch waits for the truth
   * @return the sends whose conversation another transaction holds: they have no answer yet
   */
  List<PendingSend> commit(List<PendingSend> batch, Duration lockWait, Runnable whileInDoubt) {
    Map<ConversationId, ConversationDirectory.Entry> entries;
    try {
      entries =
          directory.lookUp(
              batch.stream().map(PendingSend::conversation).collect(Collectors.toSet()));
    } catch (StoreUnavailableException away) {
      gate.failed(away);
      failAll(batch, Errors.toChatException(away));
      return List.of();
    } catch (StoreBusyException busy) {
      failAll(batch, Errors.toChatException(busy));
      return List.of();
    } catch (RuntimeException fault) {
      logRefusal(batch, fault);
      failAll(batch, ChatException.internal("the conversation cannot be read", fault));
      return List.of();
    }
    List<PendingSend> admitted = new ArrayList<>(batch.size());
    for (PendingSend send : batch) {
      ConversationDirectory.Entry entry = entries.get(send.conversation());
      if (entry == null || isStrangerToDirect(send, entry.conversation())) {
        send.fail(noSuchConversation(send), answers);
      } else {
        admitted.add(send);
      }
    }
    return admitted.isEmpty()
        ? List.of()
        : append(new Batch(admitted, entries, lockWait, whileInDoubt));
  }

  void failAll(List<PendingSend> sends, ChatException refusal) {
    metrics.count(Metrics.Counter.SENDS_FAILED, sends.size());
    for (PendingSend send : sends) {
      send.fail(refusal, answers);
    }
  }

  void close() {
    closed = true;
  }

  private record Batch(
      List<PendingSend> sends,
      Map<ConversationId, ConversationDirectory.Entry> entries,
      Duration lockWait,
      Runnable whileInDoubt) {
    Batch of(List<PendingSend> some) {
      return new Batch(some, entries, lockWait, whileInDoubt);
    }
  }

  private List<PendingSend> append(Batch batch) {
    long[] fresh;
    try {
      fresh = ids.next(batch.sends().size());
    } catch (StoreUnavailableException none) {
      // Not the store's gate: that would open at once, since the store may well answer.
      long times = refusedForIds.due();
      if (times > 0) {
        log.warn(
            "{} batches of sends are refused, since there are no ids: {}", times, none.toString());
      }
      failAll(batch.sends(), ChatException.unavailable("no message ids can be given out", none));
      return List.of();
    } catch (RuntimeException fault) {
      logRefusal(batch.sends(), fault);
      failAll(batch.sends(), ChatException.internal("no message ids can be made", fault));
      return List.of();
    }
    try {
      return appendOnce(batch, fresh);
    } catch (StoreUnavailableException away) {
      gate.failed(away);
      failAll(batch.sends(), Errors.toChatException(away));
      return List.of();
    } catch (StoreBusyException busy) {
      failAll(batch.sends(), Errors.toChatException(busy));
      return List.of();
    } catch (StoreInDoubtException doubt) {
      gate.failed(doubt);
      return resolveDoubt(batch, doubt);
    } catch (RuntimeException fault) {
      return isolate(batch, fault, this::append);
    }
  }

  private interface Attempt {
    List<PendingSend> on(Batch batch);
  }

  private List<PendingSend> isolate(Batch batch, RuntimeException fault, Attempt attempt) {
    List<PendingSend> sends = batch.sends();
    if (sends.size() == 1) {
      logRefusal(sends, fault);
      failAll(sends, ChatException.internal("the store refused the message", fault));
      return List.of();
    }
    metrics.count(Metrics.Counter.BATCHES_HALVED);
    int middle = sends.size() / 2;
    List<PendingSend> locked = new ArrayList<>(attempt.on(batch.of(sends.subList(0, middle))));
    locked.addAll(attempt.on(batch.of(sends.subList(middle, sends.size()))));
    return locked;
  }

  private void logRefusal(List<PendingSend> sends, RuntimeException fault) {
    long times = refused.due();
    if (times > 0) {
      log.error(
          "a message to conversation {} cannot be stored; {} such faults since this was last logged",
          sends.get(0).conversation(),
          times,
          fault);
    }
  }

  private List<PendingSend> resolveDoubt(Batch batch, StoreInDoubtException doubt) {
    metrics.count(Metrics.Counter.COMMITS_IN_DOUBT);
    batch.sends().forEach(send -> send.doubted(doubt));
    long times = doubts.due();
    if (times > 0) {
      log.warn(
          "the fate of {} messages is in doubt; asking until the store answers ({} such commits): {}",
          batch.sends().size(),
          times,
          doubt.toString());
    }
    long deadline = System.nanoTime() + doubtTimeout.toNanos();
    long backoff = FIRST_BACKOFF_NANOS;
    while (!closed && System.nanoTime() - deadline < 0) {
      batch.whileInDoubt().run();
      LockSupport.parkNanos(backoff);
      backoff = Math.min(2 * backoff, MAX_BACKOFF_NANOS);
      try {
        return appendOnce(batch, ids.next(batch.sends().size()));
      } catch (StoreUnavailableException | StoreBusyException | StoreInDoubtException stillAway) {
        log.debug("still in doubt", stillAway);
      } catch (RuntimeException fault) {
        return isolate(batch, fault, half -> resolveDoubt(half, doubt));
      }
    }
    failAll(batch.sends(), Errors.toChatException(doubt));
    return List.of();
  }

  private List<PendingSend> appendOnce(Batch batch, long[] fresh) {
    List<PendingSend> sends = batch.sends();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<Draft> drafts = new ArrayList<>(sends.size());
    for (int i = 0; i < fresh.length; i++) {
      PendingSend send = sends.get(i);
      drafts.add(send.draft(fresh[i], now, verifiedRev(send, batch.entries())));
    }
    long begun = System.nanoTime();
    List<AppendOutcome> outcomes = store.append(drafts, batch.lockWait());
    metrics.committed(drafts.size(), System.nanoTime() - begun);
    return settle(batch, drafts, outcomes);
  }

  private static long verifiedRev(
      PendingSend send, Map<ConversationId, ConversationDirectory.Entry> entries) {
    ConversationDirectory.Entry entry = entries.get(send.conversation());
    if (entry == null) {
      return Draft.UNVERIFIED;
    }
    // The two of a direct conversation never change, so its rev is 0 for ever.
    return entry.conversation().kind() == ConversationKind.DIRECT
        ? 0
        : entry.verifiedRev(send.sender());
  }

  private List<PendingSend> settle(Batch batch, List<Draft> drafts, List<AppendOutcome> outcomes) {
    List<CommittedMessage> fresh = new ArrayList<>(drafts.size());
    List<CommittedMessage> duplicates = new ArrayList<>(0);
    List<PendingSend> locked = new ArrayList<>(0);
    List<Runnable> acknowledgements = new ArrayList<>(drafts.size());
    for (int i = 0; i < drafts.size(); i++) {
      PendingSend send = batch.sends().get(i);
      ConversationDirectory.Entry entry = batch.entries().get(send.conversation());
      AppendOutcome outcome = outcomes.get(i);
      if (outcome instanceof AppendOutcome.Locked) {
        locked.add(send);
      } else if (outcome instanceof AppendOutcome.Stored stored && entry != null) {
        entry.verified(send.sender(), stored.membersRev());
        Message message = drafts.get(i).asMessage(stored.seq());
        fresh.add(new CommittedMessage(entry.conversation(), message, stored.membersRev()));
        send.noteAcknowledged(message.seq());
        acknowledgements.add(() -> send.acknowledge(message, false, answers));
      } else if (outcome instanceof AppendOutcome.Duplicate duplicate && entry != null) {
        Message first = duplicate.first();
        duplicates.add(new CommittedMessage(entry.conversation(), first, duplicate.membersRev()));
        send.noteAcknowledged(first.seq());
        boolean repeated = !send.tried(first.id().value());
        acknowledgements.add(() -> send.acknowledge(first, repeated, answers));
      } else {
        send.fail(refusal(send, outcome), answers);
      }
    }
    if (!fresh.isEmpty()) {
      gate.committed();
    }
    metrics.count(Metrics.Counter.MESSAGES_COMMITTED, fresh.size());
    metrics.count(Metrics.Counter.DUPLICATES, duplicates.size());
    acknowledgements.forEach(
        Runnable::run); // first: the sender waits for the commit, not for the publishing
    if (!fresh.isEmpty() || !duplicates.isEmpty()) {
      sink.committed(fresh, duplicates);
    }
    return locked;
  }

  private static ChatException refusal(PendingSend send, AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.Conflict) {
      return ChatException.conflict("this client message id was used before with other content");
    }
    if (outcome instanceof AppendOutcome.NoSuchMessage) {
      return ChatException.badRequest("reply_to must be the seq of a message that exists");
    }
    return noSuchConversation(send);
  }

  private static ChatException noSuchConversation(PendingSend send) {
    return Errors.noSuchConversation(send.conversation());
  }

  private static boolean isStrangerToDirect(PendingSend send, Conversation conversation) {
    return conversation.kind() == ConversationKind.DIRECT
        && !send.sender().isSystem()
        && !conversation.peers().contains(send.sender());
  }
}
