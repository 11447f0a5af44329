package chat.engine.internal.send;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.send.pending.PendingChange;
import chat.engine.internal.send.pending.PendingPin;
import chat.engine.internal.send.pending.PendingReaction;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.util.LogThrottle;
import chat.engine.internal.util.Threads;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.Write;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a commit: each write of the batch gets its answer, and the messages and changes go
 * on to those who read them. A fault in passing them on changes no answer; the regular comparison
 * with the store makes up for it. Thread-safe, does not block.
 */
public final class Settlement {
  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  private final LogThrottle sinkFaults = new LogThrottle(Duration.ofSeconds(10));
  private final Committer.CommittedSink sink;
  private final Committer.ChangeSink changeSink;
  private final CircuitBreaker breaker;
  private final Metrics metrics;

  Settlement(
      Committer.CommittedSink sink,
      Committer.ChangeSink changeSink,
      CircuitBreaker breaker,
      Metrics metrics) {
    this.sink = sink;
    this.changeSink = changeSink;
    this.breaker = breaker;
    this.metrics = metrics;
  }

  /** What goes on to the readers, and before it the answers. */
  private static final class Settled {
    private final List<Runnable> answers;
    private final List<CommittedMessage> fresh;
    private final List<CommittedMessage> duplicates = new ArrayList<>(0);
    private final Map<Conversation, List<ConversationChange>> changes = new LinkedHashMap<>(0);

    Settled(int size) {
      this.answers = new ArrayList<>(size);
      this.fresh = new ArrayList<>(size);
    }
  }

  /**
   * @return the writes without an answer, because another transaction holds their conversation
   */
  List<PendingWrite> settle(
      Committer.Batch batch, List<Write> writes, List<AppendOutcome> outcomes) {
    if (outcomes.size() != writes.size()) {
      throw new IllegalStateException(
          "the store told " + outcomes.size() + " outcomes of " + writes.size() + " writes");
    }
    Settled settled = new Settled(writes.size());
    List<PendingWrite> locked = new ArrayList<>(0);
    for (int i = 0; i < writes.size(); i++) {
      PendingWrite pending = batch.sends().get(i);
      ConversationDirectory.Entry entry =
          Objects.requireNonNull(batch.entries().get(pending.conversation()));
      AppendOutcome outcome = outcomes.get(i);
      if (outcome instanceof AppendOutcome.Locked) {
        pending.attemptStoredNothing();
        locked.add(pending);
      } else if (pending instanceof PendingSend send && writes.get(i) instanceof Draft draft) {
        settle(send, draft, outcome, entry, settled);
      } else if (pending instanceof PendingChange change) {
        settle(change, outcome, entry, settled);
      } else if (pending instanceof PendingReaction reaction) {
        settle(reaction, outcome, entry, settled);
      } else if (pending instanceof PendingPin pin) {
        settle(pin, outcome, entry, settled);
      }
    }
    if (!settled.fresh.isEmpty() || !settled.changes.isEmpty()) {
      breaker.committed();
    }
    metrics.count(Metrics.Counter.MESSAGES_COMMITTED, settled.fresh.size());
    metrics.count(Metrics.Counter.DUPLICATES, settled.duplicates.size());
    settled.answers.forEach(Runnable::run); // before publishing, on which nobody waits
    if (!settled.answers.isEmpty()) {
      passOn(settled);
    }
    return locked;
  }

  private static void settle(
      PendingSend send,
      Draft draft,
      AppendOutcome outcome,
      ConversationDirectory.Entry entry,
      Settled settled) {
    if (outcome instanceof AppendOutcome.Stored stored) {
      if (stored.verifies()) {
        entry.verified(send.actor(), stored.membersRev());
      }
      Message message = draft.asMessage(stored.seq()).withReplyPreview(stored.replyPreview());
      settled.fresh.add(new CommittedMessage(entry.conversation(), message, stored.membersRev()));
      settled.answers.add(() -> send.acknowledge(message, false));
    } else if (outcome instanceof AppendOutcome.Duplicate duplicate) {
      Message first = duplicate.first();
      settled.duplicates.add(
          new CommittedMessage(entry.conversation(), first, duplicate.membersRev()));
      boolean repeated = !send.tried(first.id().value());
      settled.answers.add(() -> send.acknowledge(first, repeated));
    } else {
      send.failForCertain(refusal(send.conversation(), outcome));
    }
  }

  private static void settle(
      PendingChange change,
      AppendOutcome outcome,
      ConversationDirectory.Entry entry,
      Settled settled) {
    if (outcome instanceof AppendOutcome.Changed made) {
      ConversationChange logged = made.change();
      Message now = Objects.requireNonNull(logged.message());
      settled.changes.computeIfAbsent(entry.conversation(), none -> new ArrayList<>()).add(logged);
      settled.answers.add(() -> change.acknowledge(now));
    } else if (outcome instanceof AppendOutcome.Unchanged unchanged) {
      settled.answers.add(() -> change.acknowledge(unchanged.message()));
    } else {
      change.failForCertain(changeRefusal(change.conversation(), change.seq(), outcome));
    }
  }

  private static void settle(
      PendingReaction reaction,
      AppendOutcome outcome,
      ConversationDirectory.Entry entry,
      Settled settled) {
    if (outcome instanceof AppendOutcome.Changed made) {
      ConversationChange logged = made.change();
      long count = Objects.requireNonNull(logged.reaction()).count();
      settled.changes.computeIfAbsent(entry.conversation(), none -> new ArrayList<>()).add(logged);
      settled.answers.add(() -> reaction.acknowledge(logged.rev(), count));
    } else if (outcome instanceof AppendOutcome.UnchangedReaction unchanged) {
      settled.answers.add(() -> reaction.acknowledgeUnchanged(unchanged.rev(), unchanged.count()));
    } else {
      reaction.failForCertain(changeRefusal(reaction.conversation(), reaction.seq(), outcome));
    }
  }

  private static void settle(
      PendingPin pin, AppendOutcome outcome, ConversationDirectory.Entry entry, Settled settled) {
    if (outcome instanceof AppendOutcome.Changed made) {
      ConversationChange logged = made.change();
      settled.changes.computeIfAbsent(entry.conversation(), none -> new ArrayList<>()).add(logged);
      settled.answers.add(() -> pin.acknowledge(logged.rev()));
    } else if (outcome instanceof AppendOutcome.UnchangedPin unchanged) {
      settled.answers.add(() -> pin.acknowledge(unchanged.rev()));
    } else {
      pin.failForCertain(pinRefusal(pin.conversation(), pin.seq(), outcome));
    }
  }

  /** As {@link #changeRefusal} for the actor of a pin or an unpin. */
  public static ChatException pinRefusal(
      ConversationId conversation, long seq, AppendOutcome outcome) {
    return outcome instanceof AppendOutcome.NotAllowed
        ? ChatException.forbidden("only the owner and admins may pin and unpin messages")
        : changeRefusal(conversation, seq, outcome);
  }

  private void passOn(Settled settled) {
    try {
      if (!settled.fresh.isEmpty() || !settled.duplicates.isEmpty()) {
        sink.committed(settled.fresh, settled.duplicates);
      }
      settled.changes.forEach(changeSink::changed);
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
    if (outcome instanceof AppendOutcome.NoSuchOriginal) {
      return Errors.noSuchOriginal();
    }
    if (outcome instanceof AppendOutcome.Silenced silenced) {
      return Errors.silenced(conversation, silenced.until());
    }
    if (outcome instanceof AppendOutcome.TooSoon soon) {
      return ChatException.rateLimited(
          "this group is in slow mode: send again in " + soon.remaining().toMillis() + " ms",
          soon.remaining());
    }
    if (outcome instanceof AppendOutcome.MentionsStranger mention) {
      return mentionRefusal(mention);
    }
    if (outcome instanceof AppendOutcome.Blocked blocked) {
      return Errors.blocked(blocked.byActor());
    }
    return Errors.noSuchConversation(conversation);
  }

  private static ChatException mentionRefusal(AppendOutcome.MentionsStranger mention) {
    return ChatException.badRequest(
        "mentions must be of members, and " + mention.user() + " is none");
  }

  /** What the actor of an edit, a deletion or a reaction is told if the outcome did not make it. */
  public static ChatException changeRefusal(
      ConversationId conversation, long seq, AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.NothingLeft) {
      return ChatException.badRequest(
          "text must not be empty in an edit of a message without attachments");
    }
    if (outcome instanceof AppendOutcome.NoSuchMessage) {
      return ChatException.notFound("conversation " + conversation + " has no message " + seq);
    }
    if (outcome instanceof AppendOutcome.NotAllowed) {
      return ChatException.forbidden("this message is not yours to change");
    }
    if (outcome instanceof AppendOutcome.Silenced silenced) {
      return Errors.silenced(conversation, silenced.until());
    }
    if (outcome instanceof AppendOutcome.WasDeleted) {
      return ChatException.conflict("the message was deleted");
    }
    if (outcome instanceof AppendOutcome.Superseded) {
      return ChatException.conflict("the message was changed meanwhile");
    }
    if (outcome instanceof AppendOutcome.TooManyReactions reactions) {
      return ChatException.tooLarge(
          reactions.ofOneUser()
              ? "a user reacts to a message with at most " + reactions.most() + " emoji"
              : "a message has reactions with at most " + reactions.most() + " different emoji");
    }
    if (outcome instanceof AppendOutcome.TooManyPins pins) {
      return ChatException.tooLarge(
          "a conversation has at most " + pins.most() + " pinned messages: unpin another first");
    }
    if (outcome instanceof AppendOutcome.MentionsStranger mention) {
      return mentionRefusal(mention);
    }
    if (outcome instanceof AppendOutcome.Blocked blocked) {
      return Errors.blocked(blocked.byActor());
    }
    return Errors.noSuchConversation(conversation);
  }
}
