package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.send.pending.Originals;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.OutageLog;
import chat.engine.internal.util.Threads;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a batch of sends through one transaction of the store, and gives an answer to each that was
 * settled.
 *
 * <p>Three ways to fail are kept apart. The store is away or has no room, or there are no ids, and
 * nothing was stored: all are refused. Whether the batch was stored is in doubt: it has no answer
 * yet, and the caller tries it again. Anything else is the fault of some message: the batch is
 * halved until that one fails alone. An earlier doubt outlives all of these: such a send is never
 * refused here, except for what the store itself found.
 *
 * <p>Runs on the thread of its caller, blocking it once. Thread-safe.
 */
public final class Committer {
  static final Duration NO_WAIT = Duration.ZERO;

  private static final long[] NO_IDS = {};
  private static final Logger log = LoggerFactory.getLogger(Committer.class);
  private static final Duration LOG_PERIOD = Duration.ofSeconds(10);

  private final LogThrottle refused = new LogThrottle(LOG_PERIOD);
  private final OutageLog idOutages = new OutageLog(LOG_PERIOD, System::nanoTime);
  private final MessageStore store;
  private final IdGenerator ids;
  private final ConversationDirectory directory;
  private final CircuitBreaker breaker;
  private final Settlement settlement;
  private final Originals originals;
  private final InstantSource clock;
  private final Metrics metrics;
  private volatile boolean closed;

  public Committer(
      MessageStore store,
      IdGenerator ids,
      ConversationDirectory directory,
      CircuitBreaker breaker,
      CommittedSink sink,
      ChangeSink changes,
      InstantSource clock,
      Metrics metrics) {
    this.store = store;
    this.originals = new Originals(store);
    this.ids = ids;
    this.directory = directory;
    this.breaker = breaker;
    this.settlement = new Settlement(sink, changes, breaker, metrics);
    this.clock = clock;
    this.metrics = metrics;
  }

  /**
   * Where committed messages go: the feeds of this node, the other nodes, the observers. Must not
   * block.
   */
  public interface CommittedSink {
    void committed(List<CommittedMessage> fresh, List<CommittedMessage> duplicates);
  }

  /** Where committed edits and deletions of messages go: to the same. Must not block. */
  public interface ChangeSink {
    void changed(Conversation conversation, List<ConversationChange> changes);
  }

  /**
   * @param lockWait see {@link MessageStore#append}
   * @return the sends without an answer, those of each conversation in their order: another
   *     transaction holds the conversation, or whether they were stored is in doubt
   */
  List<PendingWrite> commit(List<? extends PendingWrite> batch, Duration lockWait) {
    if (!breaker.allowsCalls()) {
      return refuse(batch, CircuitBreaker.refusal());
    }
    Map<ConversationId, ConversationDirectory.Entry> entries;
    try {
      entries =
          directory.lookUp(
              batch.stream().map(PendingWrite::conversation).collect(Collectors.toSet()));
      originals.find(batch);
    } catch (StoreUnavailableException away) {
      breaker.failed(away);
      return refuse(batch, Errors.toChatException(away));
    } catch (StoreBusyException busy) {
      return refuse(batch, Errors.toChatException(busy));
    } catch (RuntimeException fault) {
      logRefusal(batch, fault);
      return refuse(batch, ChatException.internal("the conversation cannot be read", fault));
    }
    List<PendingWrite> admitted = new ArrayList<>(batch.size());
    for (PendingWrite send : batch) {
      ConversationDirectory.Entry entry = entries.get(send.conversation());
      if (entry == null || isStrangerToDirect(send, entry.conversation())) {
        send.failForCertain(Errors.noSuchConversation(send.conversation()));
      } else {
        admitted.add(send);
      }
    }
    return append(new Batch(admitted, entries, lockWait));
  }

  /** Refuses all, those in doubt with a refusal in doubt. */
  void refuseAll(List<? extends PendingWrite> sends, ChatException refusal) {
    for (PendingWrite send : sends) {
      if (send.fail(refusal)) {
        metrics.count(Metrics.Counter.SENDS_FAILED);
      }
    }
  }

  /** From now on faults are not remarkable: threads are interrupted and the store is closed. */
  void close() {
    closed = true;
  }

  record Batch(
      List<PendingWrite> sends,
      Map<ConversationId, ConversationDirectory.Entry> entries,
      Duration lockWait) {
    Batch of(List<PendingWrite> some) {
      return new Batch(some, entries, lockWait);
    }
  }

  private List<PendingWrite> append(Batch given) {
    Batch batch = given.of(given.sends().stream().filter(PendingWrite::beginAttempt).toList());
    if (batch.sends().isEmpty()) {
      return List.of();
    }
    List<Write> writes;
    try {
      writes = writes(batch);
    } catch (StoreUnavailableException none) {
      // The breaker is left alone: it would close at once, since the store may well answer.
      if (idOutages.failed()) {
        log.warn("sends are refused until there are ids: {}", none.toString());
      }
      return storedNothing(
          batch, ChatException.unavailable("no message ids can be given out", none));
    } catch (RuntimeException fault) {
      logRefusal(batch.sends(), fault);
      return storedNothing(batch, ChatException.internal("no message ids can be made", fault));
    }
    return append(batch, writes);
  }

  private List<PendingWrite> append(Batch batch, List<Write> writes) {
    List<AppendOutcome> outcomes;
    long begun = System.nanoTime();
    try {
      outcomes = store.append(writes, batch.lockWait());
    } catch (StoreUnavailableException away) {
      breaker.failed(away);
      return storedNothing(batch, Errors.toChatException(away));
    } catch (StoreBusyException busy) {
      return storedNothing(batch, Errors.toChatException(busy));
    } catch (StoreInDoubtException doubt) {
      breaker.failed(doubt);
      return inDoubt(batch, doubt);
    } catch (RuntimeException fault) {
      return isolate(batch, fault);
    } catch (Error fault) {
      Threads.outlived(fault);
      logRefusal(batch.sends(), fault);
      return inDoubt(batch, fault);
    }
    // From here on nothing may claim that a message was not stored.
    try {
      metrics.committed(writes.size(), System.nanoTime() - begun);
      return settlement.settle(batch, writes, outcomes);
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      log.error("what was committed could not be settled; the store is asked again", fault);
      return inDoubt(batch, fault);
    }
  }

  private List<Write> writes(Batch batch) {
    int wanted = (int) batch.sends().stream().filter(PendingWrite::takesId).count();
    long[] fresh = wanted == 0 ? NO_IDS : nextIds(wanted);
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<Write> writes = new ArrayList<>(batch.sends().size());
    int used = 0;
    for (PendingWrite send : batch.sends()) {
      long id = send.takesId() ? fresh[used++] : 0;
      Conversation where =
          Objects.requireNonNull(batch.entries().get(send.conversation())).conversation();
      writes.add(send.write(id, now, verifiedRev(send, batch.entries()), where));
    }
    return writes;
  }

  private long[] nextIds(int wanted) {
    long[] fresh = ids.next(wanted);
    long refused = idOutages.works();
    if (refused > 0) {
      log.info("there are ids again; {} batches of sends were refused meanwhile", refused);
    }
    return fresh;
  }

  private List<PendingWrite> inDoubt(Batch batch, Throwable doubt) {
    metrics.count(Metrics.Counter.COMMITS_IN_DOUBT);
    log.debug("whether {} writes were stored is in doubt", batch.sends().size(), doubt);
    batch.sends().forEach(send -> send.attemptIsInDoubt(doubt));
    return batch.sends();
  }

  private List<PendingWrite> storedNothing(Batch batch, ChatException refusal) {
    batch.sends().forEach(PendingWrite::attemptStoredNothing);
    return refuse(batch.sends(), refusal);
  }

  /**
   * @return those that an earlier attempt left in doubt; all others have the refusal as an answer
   */
  private List<PendingWrite> refuse(List<? extends PendingWrite> sends, ChatException refusal) {
    Map<Boolean, List<PendingWrite>> byDoubt =
        sends.stream().collect(Collectors.partitioningBy(PendingWrite::isInDoubt));
    refuseAll(byDoubt.getOrDefault(false, List.of()), refusal);
    return byDoubt.getOrDefault(true, List.of());
  }

  /**
   * Halves a batch that the store cannot take. What the first half left without an answer holds its
   * conversation: sends of the second half to it are left without an answer too, and do not
   * overtake.
   */
  private List<PendingWrite> isolate(Batch batch, RuntimeException fault) {
    List<PendingWrite> sends = batch.sends();
    sends.forEach(PendingWrite::attemptStoredNothing);
    if (sends.size() == 1) {
      logRefusal(sends, fault);
      refuseAll(sends, ChatException.internal("the store refused the message", fault));
      return List.of();
    }
    metrics.count(Metrics.Counter.BATCHES_HALVED);
    int middle = sends.size() / 2;
    List<PendingWrite> unsettled = new ArrayList<>(append(batch.of(sends.subList(0, middle))));
    List<PendingWrite> rest = sends.subList(middle, sends.size());
    if (!breaker.allowsCalls()) {
      unsettled.addAll(refuse(rest, CircuitBreaker.refusal()));
      return unsettled;
    }
    Set<ConversationId> held =
        unsettled.stream().map(PendingWrite::conversation).collect(Collectors.toSet());
    Map<Boolean, List<PendingWrite>> byHeld =
        rest.stream()
            .collect(Collectors.partitioningBy(send -> held.contains(send.conversation())));
    unsettled.addAll(byHeld.getOrDefault(true, List.of()));
    unsettled.addAll(append(batch.of(byHeld.getOrDefault(false, List.of()))));
    return unsettled;
  }

  private void logRefusal(List<? extends PendingWrite> sends, Throwable fault) {
    long times = closed ? 0 : refused.due();
    if (times > 0) {
      log.error(
          "a message to conversation {} cannot be stored; {} such faults since this was last"
              + " logged",
          sends.get(0).conversation(),
          times,
          fault);
    }
  }

  private static long verifiedRev(
      PendingWrite send, Map<ConversationId, ConversationDirectory.Entry> entries) {
    return Objects.requireNonNull(entries.get(send.conversation())).verifiedRev(send.actor());
  }

  private static boolean isStrangerToDirect(PendingWrite send, Conversation conversation) {
    return conversation.kind() == ConversationKind.DIRECT
        && !send.actor().isSystem()
        && !conversation.peers().contains(send.actor());
  }
}
