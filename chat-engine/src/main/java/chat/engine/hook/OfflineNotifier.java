package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.Message;
import chat.engine.UserId;
import java.util.Set;

/**
 * Told of the members, other than the sender, who had no session on any node when a message of this
 * node was committed: the place to push a notification. One call at a time, best effort as {@link
 * CommitObserver}.
 *
 * <p>Costs one presence look-up per member and message, so it is only paid where a notifier is set.
 */
@FunctionalInterface
public interface OfflineNotifier {
  void onOffline(Conversation conversation, Message message, Set<UserId> offline);
}
