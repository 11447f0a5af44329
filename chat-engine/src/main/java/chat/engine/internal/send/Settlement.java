package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a commit: each send of the batch gets its answer, and the messages go on to those
 * who read them. A fault in passing them on changes no answer; the regular comparison with the
 * store makes up for it. Thread-safe, does not block.
 */
public final class Settlement {
  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  private final LogThrottle sinkFaults = new LogThrottle(Duration.ofSeconds(10));
  private final Committer.CommittedSink sink;
  private final CircuitBreaker breaker;
  private final Metrics metrics;

  Settlement(Committer.CommittedSink sink, CircuitBreaker breaker, Metrics metrics) {
    this.sink = sink;
    this.breaker = breaker;
    this.metrics = metrics;
  }

  private record Acknowledgement(PendingSend send, Message message, boolean duplicate) {}

  /**
   * @return the sends without an answer, because another transaction holds their conversation
   */
  List<PendingSend> settle(
      Committer.Batch batch, List<Draft> drafts, List<AppendOutcome> outcomes) {
    if (outcomes.size() != drafts.size()) {
      throw new IllegalStateException(
          "the store told " + outcomes.size() + " outcomes of " + drafts.size() + " drafts");
    }
    List<CommittedMessage> fresh = new ArrayList<>(drafts.size());
    List<CommittedMessage> duplicates = new ArrayList<>(0);
    List<PendingSend> locked = new ArrayList<>(0);
    List<Acknowledgement> acknowledgements = new ArrayList<>(drafts.size());
    for (int i = 0; i < drafts.size(); i++) {
      PendingSend send = batch.sends().get(i);
      ConversationDirectory.Entry entry =
          Objects.requireNonNull(batch.entries().get(send.conversation()));
      AppendOutcome outcome = outcomes.get(i);
      if (outcome instanceof AppendOutcome.Locked) {
        send.attemptStoredNothing();
        locked.add(send);
      } else if (outcome instanceof AppendOutcome.Stored stored) {
        entry.verified(send.sender(), stored.membersRev());
        Message message = drafts.get(i).asMessage(stored.seq());
        fresh.add(new CommittedMessage(entry.conversation(), message, stored.membersRev()));
        acknowledgements.add(new Acknowledgement(send, message, false));
      } else if (outcome instanceof AppendOutcome.Duplicate duplicate) {
        Message first = duplicate.first();
        duplicates.add(new CommittedMessage(entry.conversation(), first, duplicate.membersRev()));
        boolean repeated = !send.tried(first.id().value());
        acknowledgements.add(new Acknowledgement(send, first, repeated));
      } else {
        send.fail(refusal(send.conversation(), outcome));
      }
    }
    if (!fresh.isEmpty()) {
      breaker.committed();
    }
    metrics.count(Metrics.Counter.MESSAGES_COMMITTED, fresh.size());
    metrics.count(Metrics.Counter.DUPLICATES, duplicates.size());
    for (Acknowledgement ack : acknowledgements) { // before publishing, on which no sender waits
      ack.send().acknowledge(ack.message(), ack.duplicate());
    }
    if (!acknowledgements.isEmpty()) {
      passOn(fresh, duplicates);
    }
    return locked;
  }

  private void passOn(List<CommittedMessage> fresh, List<CommittedMessage> duplicates) {
    try {
      sink.committed(fresh, duplicates);
    } catch (RuntimeException | Error fault) {
      Threads.outlived(fault);
      long times = sinkFaults.due();
      if (times > 0) {
        log.error(
            "committed messages could not be passed on, {} times since this was last logged;"
                + " readers get them from the comparison with the store",
            times,
            fault);
      }
    }
  }

  /** What a sender is told of an outcome that stored nothing. */
  public static ChatException refusal(ConversationId conversation, AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.Conflict) {
      return ChatException.conflict("this client message id was used before with other content");
    }
    if (outcome instanceof AppendOutcome.NoSuchMessage) {
      return ChatException.badRequest("reply_to must be the seq of a message that exists");
    }
    return Errors.noSuchConversation(conversation);
  }
}
