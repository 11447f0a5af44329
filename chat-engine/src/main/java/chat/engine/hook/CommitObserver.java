package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.Message;

/**
 * Called with each message that this node committed, after the commit, one at a time, on a thread
 * that does nothing else; not with duplicates. A message of a transaction of the application is
 * reported on the node that published it, when it has reached the other nodes.
 *
 * <p>May block and throw; that holds up or harms only itself. Best effort: beyond 8,192 waiting
 * messages, or 32 MiB of them, it misses messages (counted, and logged once a minute), and a crash
 * forgets the backlog. Work that must not be missed belongs in the application's own transaction,
 * or on a {@linkplain chat.engine.ChatEngine#feed feed}.
 */
@FunctionalInterface
public interface CommitObserver {
  void onCommitted(Conversation conversation, Message message);
}
