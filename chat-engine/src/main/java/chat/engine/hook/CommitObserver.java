package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.Message;

/**
 * Told of each message that this node committed, after the commit, one at a time; not of
 * duplicates. A message of a transaction of the application is told on the node that published it,
 * when it has reached the other nodes. Best effort: past a bounded backlog it misses messages
 * (counted, and logged once a minute), and a crash forgets the backlog. What must not be missed
 * belongs into the application's own transaction.
 */
@FunctionalInterface
public interface CommitObserver {
  void onCommitted(Conversation conversation, Message message);
}
