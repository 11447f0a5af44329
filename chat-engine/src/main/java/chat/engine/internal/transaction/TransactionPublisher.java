package chat.engine.internal.transaction;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.conversation.MessageEraser;
import chat.engine.internal.runtime.AcceptedWrites;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.send.OutboxRelay;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.StoreTransaction;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Shows what transactions of the application did, as far as the store has it. What is never
 * published here is found by the comparison of every node with the store: it reads the log of
 * commits, in which such a transaction is like any other. Thread-safe; works on the store threads.
 */
public final class TransactionPublisher {
  private final ConversationStore conversations;
  private final OutboxRelay outbox;
  private final Announcer announcer;
  private final ConversationDirectory directory;
  private final MessageEraser eraser;
  private final PublicationOrder order;
  private final Answers answers;
  private final AcceptedWrites writes;

  public TransactionPublisher(
      ConversationStore conversations,
      OutboxRelay outbox,
      Announcer announcer,
      ConversationDirectory directory,
      MessageEraser eraser,
      StoreThreads reads,
      Answers answers,
      AcceptedWrites writes) {
    this.conversations = conversations;
    this.outbox = outbox;
    this.announcer = announcer;
    this.directory = directory;
    this.eraser = eraser;
    this.order = new PublicationOrder(reads);
    this.answers = answers;
    this.writes = writes;
  }

  /**
   * @return whether the store has all of it
   */
  CompletableFuture<Boolean> publish(StoreTransaction transaction, List<Effect> effects) {
    return answers.call(() -> show(transaction, effects));
  }

  /** As {@link #publish}; the future is not for the application. */
  CompletableFuture<Boolean> show(StoreTransaction transaction, List<Effect> effects) {
    Set<ConversationId> conversations =
        effects.stream().map(Effect::conversationId).collect(Collectors.toSet());
    return writes.finish(
        () -> order.run(conversations, () -> publishAll(transaction.committed(), effects)));
  }

  private boolean publishAll(List<AppendOutcome> appends, List<Effect> effects) {
    boolean all = true;
    for (Effect effect : effects) {
      all &= publish(effect, appends);
    }
    return all;
  }

  private boolean publish(Effect effect, List<AppendOutcome> appends) {
    if (effect instanceof Effect.Sent sent) {
      return publish(sent, appends.get(sent.append()));
    }
    if (effect instanceof Effect.MessageChanged changed) {
      return publish(changed, appends.get(changed.append()));
    }
    if (effect instanceof Effect.Created created) {
      return publish(created);
    }
    return effect instanceof Effect.Changed changed && publish(changed);
  }

  private boolean publish(Effect.Sent sent, AppendOutcome outcome) {
    if (outcome instanceof AppendOutcome.Stored stored) {
      return outbox.publishNow(sent.conversation(), stored.seq(), sent.id());
    }
    return outcome instanceof AppendOutcome.Duplicate duplicate
        && outbox.publishNow(sent.conversation(), duplicate.first().seq(), duplicate.first().id());
  }

  private boolean publish(Effect.MessageChanged effect, AppendOutcome outcome) {
    if (!(outcome instanceof AppendOutcome.Changed made)) {
      return false;
    }
    ConversationChange change = made.change();
    for (ConversationChange stored :
        conversations.changes(change.conversation(), change.rev() - 1, 1)) {
      if (isOf(change, stored)) {
        announcer.changed(effect.conversation(), List.of(stored));
        return true;
      }
    }
    return false;
  }

  /** Whether this is the entry of a change; later changes may show in what it is about. */
  private static boolean isOf(ConversationChange change, ConversationChange stored) {
    return (change.message() == null) == (stored.message() == null)
        && change.withMessage(stored.message()).withReaction(stored.reaction()).equals(stored);
  }

  private boolean publish(Effect.Created created) {
    Conversation conversation = created.conversation();
    boolean stored = conversations.find(List.of(conversation.id())).containsKey(conversation.id());
    if (stored) {
      announcer.created(conversation, created.members());
    }
    return stored;
  }

  private boolean publish(Effect.Changed changed) {
    ConversationChange first = changed.changes().get(0);
    boolean stored =
        conversations
            .changes(first.conversation(), first.rev() - 1, 1)
            .equals(changed.changes().subList(0, 1));
    if (stored) {
      announcer.changed(changed.conversation(), changed.changes());
      if (first.kind() == ConversationChange.Kind.DELETED) {
        directory.forget(first.conversation());
        eraser.erase(first.conversation());
      }
    }
    return stored;
  }
}
