package chat.engine.internal.transaction;

import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.PinAck;
import chat.engine.ReactionAck;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.send.MessageSender;
import chat.engine.internal.send.Settlement;
import chat.engine.internal.send.pending.Originals;
import chat.engine.internal.send.pending.PendingChange;
import chat.engine.internal.send.pending.PendingPin;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.Reaction;
import chat.engine.spi.StoreTransaction;
import chat.engine.spi.Write;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;

/**
 * What one transaction of the application does with messages: sends, edits, deletes, reacts to and
 * pins them. Not thread-safe; blocks on the thread of the caller.
 */
final class TransactionMessages {
  private final StoreTransaction store;
  private final MessageSender sender;
  private final IdGenerator ids;
  private final InstantSource clock;
  private final List<Effect> effects;
  private int appends;

  /**
   * @param effects takes what is to be shown after the commit
   */
  TransactionMessages(
      StoreTransaction store,
      MessageSender sender,
      IdGenerator ids,
      InstantSource clock,
      List<Effect> effects) {
    this.store = store;
    this.sender = sender;
    this.ids = ids;
    this.clock = clock;
    this.effects = effects;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  private Conversation find(ConversationId id) {
    return store.find(id).orElseThrow(() -> Errors.noSuchConversation(id));
  }

  private Conversation memberOf(ConversationId id, UserId user) {
    Conversation found = find(id);
    if (store.member(id, user).isEmpty()) {
      throw Errors.noSuchConversation(id);
    }
    return found;
  }

  SendAck send(UserId from, ConversationId conversation, NewMessage message) {
    NewMessage admitted = admit(from, conversation, message);
    Draft draft = draft(from, conversation, message, admitted);
    AppendOutcome outcome = store.append(draft);
    int append = appends++;
    if (outcome instanceof AppendOutcome.Stored stored) {
      effects.add(new Effect.Sent(append, conversation, draft.id()));
      return new SendAck(draft.id(), conversation, stored.seq(), draft.createdAt(), false);
    }
    if (outcome instanceof AppendOutcome.Duplicate duplicate) {
      Message first = duplicate.first();
      effects.add(new Effect.Sent(append, conversation, first.id()));
      return new SendAck(first.id(), conversation, first.seq(), first.createdAt(), true);
    }
    throw Settlement.refusal(conversation, outcome);
  }

  /**
   * A forward of what its sender cannot read is not shown to the hook: it is stored in no case, and
   * may be the retry of one that was.
   */
  private NewMessage admit(UserId from, ConversationId id, NewMessage given) {
    NewMessage message = withOriginal(from, sender.admit(given));
    if (message.lacksOriginal() || !sender.asksHook(from)) {
      return message;
    }
    try {
      return sender.admit(from, memberOf(id, from), message).join();
    } catch (CompletionException refusal) {
      throw Errors.toChatException(refusal);
    }
  }

  private NewMessage withOriginal(UserId from, NewMessage message) {
    return message.forwardOf() == null
        ? message
        : Originals.complete(
            message, store.readable(Originals.reading(from, message)).orElse(null));
  }

  private Draft draft(
      UserId from, ConversationId conversation, NewMessage given, NewMessage admitted) {
    return Draft.of(
        MessageId.of(ids.next(1)[0]),
        conversation,
        from,
        admitted,
        given.contentHash(), // as handed in: a retry is recognised even if the hook changes it
        now(),
        Draft.UNVERIFIED);
  }

  ChangeAck edit(UserId actor, ConversationId id, long seq, MessageEdit content) {
    MessageEdit admitted = admit(actor, id, seq, content);
    return change(sender.edit(id, seq, actor, admitted, now()), seq);
  }

  private MessageEdit admit(UserId author, ConversationId id, long seq, MessageEdit content) {
    if (!sender.asksHook(author)) {
      return sender.admit(content);
    }
    try {
      return sender.admit(author, memberOf(id, author), seq, content).join();
    } catch (CompletionException refusal) {
      throw Errors.toChatException(refusal);
    }
  }

  ChangeAck delete(UserId actor, ConversationId id, long seq) {
    return change(PendingChange.deletion(id, seq, actor, now()), seq);
  }

  private ChangeAck change(Write write, long seq) {
    AppendOutcome outcome = append(write);
    if (outcome instanceof AppendOutcome.Changed changed) {
      return ack(Objects.requireNonNull(changed.change().message()));
    }
    if (outcome instanceof AppendOutcome.Unchanged unchanged) {
      return ack(unchanged.message());
    }
    throw Settlement.changeRefusal(write.conversation(), seq, outcome);
  }

  private static ChangeAck ack(Message now) {
    return new ChangeAck(now.conversation(), now.seq(), now.rev(), now.editedAt());
  }

  ReactionAck react(UserId actor, ConversationId id, long seq, Emoji emoji, boolean on) {
    if (actor.isSystem()) {
      throw ChatException.badRequest("the system does not react; name a user");
    }
    AppendOutcome outcome = append(new Reaction(id, seq, actor, emoji, on, now()));
    if (outcome instanceof AppendOutcome.Changed changed) {
      long count = Objects.requireNonNull(changed.change().reaction()).count();
      return new ReactionAck(id, seq, changed.change().rev(), count);
    }
    if (outcome instanceof AppendOutcome.UnchangedReaction unchanged) {
      return new ReactionAck(id, seq, unchanged.rev(), unchanged.count());
    }
    throw Settlement.changeRefusal(id, seq, outcome);
  }

  PinAck pin(UserId actor, ConversationId id, long seq, boolean on) {
    AppendOutcome outcome = append(PendingPin.pin(find(id), seq, actor, on, now()));
    if (outcome instanceof AppendOutcome.Changed changed) {
      return new PinAck(id, seq, changed.change().rev());
    }
    if (outcome instanceof AppendOutcome.UnchangedPin unchanged) {
      return new PinAck(id, seq, unchanged.rev());
    }
    throw Settlement.pinRefusal(id, seq, outcome);
  }

  /** Makes a change of a message, which is shown after the commit. */
  private AppendOutcome append(Write change) {
    AppendOutcome outcome = store.append(change);
    int append = appends++;
    if (outcome instanceof AppendOutcome.Changed) {
      effects.add(new Effect.MessageChanged(append, find(change.conversation())));
    }
    return outcome;
  }
}
