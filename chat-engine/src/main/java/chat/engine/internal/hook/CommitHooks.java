package chat.engine.internal.hook;

import chat.engine.Conversation;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.OfflineNotifier;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.Metrics;
import chat.engine.spi.ConversationStore;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tells the application's {@link CommitObserver} and {@link OfflineNotifier} of committed messages,
 * each on a thread that does nothing else, so neither holds up the other. Thread-safe, never
 * blocks.
 */
public final class CommitHooks implements AutoCloseable {
  private final @Nullable CommitHookQueue observer;
  private final @Nullable CommitHookQueue notifier;

  /**
   * @param capacity messages that may wait for each of the two; more are dropped
   * @param online those of the users who have a session on any node; may block
   * @param clock of the store, which decides whether a conversation is still muted
   */
  public CommitHooks(
      Hooks hooks,
      int capacity,
      ConversationStore conversations,
      UnaryOperator<Set<UserId>> online,
      InstantSource clock,
      Metrics metrics) {
    CommitObserver observing = hooks.committed();
    observer =
        observing == null
            ? null
            : new CommitHookQueue("commit observer", observing::onCommitted, capacity, metrics);
    OfflineNotifier notifying = hooks.offline();
    notifier =
        notifying == null
            ? null
            : new CommitHookQueue(
                "offline notifier",
                (conversation, message) -> {
                  Set<UserId> offline = offline(conversation, message, conversations, online);
                  offline.removeAll(
                      conversations.muted(conversation.id(), offline, clock.instant()));
                  if (!offline.isEmpty()) {
                    notifying.onOffline(conversation, message, offline);
                  }
                },
                capacity,
                metrics);
  }

  public void committed(Collection<CommittedMessage> messages) {
    if (observer != null) {
      messages.forEach(observer::add);
    }
    if (notifier != null) {
      messages.forEach(notifier::add);
    }
  }

  private static Set<UserId> offline(
      Conversation conversation,
      Message message,
      ConversationStore conversations,
      UnaryOperator<Set<UserId>> online) {
    List<UserId> members =
        switch (conversation.kind()) {
          case DIRECT -> conversation.peers();
          case GROUP ->
              conversations.members(conversation.id()).map(MemberList::users).orElse(List.of());
        };
    Set<UserId> offline = new HashSet<>(members);
    offline.remove(message.from());
    offline.removeAll(online.apply(Set.copyOf(offline)));
    return offline;
  }

  /** Drops what waits, and interrupts the hooks. */
  @Override
  public void close() {
    if (observer != null) {
      observer.close();
    }
    if (notifier != null) {
      notifier.close();
    }
  }
}
