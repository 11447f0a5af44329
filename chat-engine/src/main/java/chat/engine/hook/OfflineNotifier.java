package chat.engine.hook;

import chat.engine.Conversation;
import chat.engine.Message;
import chat.engine.UserId;
import java.util.Set;

/**
 * Called with the members, other than the sender, who had no session on any node when a message of
 * this node was committed, and who have not muted the conversation ({@link
 * chat.engine.Preferences#mutedUntil}): the place to push a notification. A mute also covers
 * messages that mention the member. One call at a time, on a different thread from that of the
 * {@link CommitObserver}; bounded and best effort like that one.
 *
 * <p>The message is as the application sees it: it says where a forwarded one came from, which the
 * members may not know, see {@link chat.engine.ForwardOf}.
 *
 * <p>Costs one presence look-up per member and message, and one look-up of who has muted; without a
 * notifier it costs nothing.
 */
@FunctionalInterface
public interface OfflineNotifier {
  void onOffline(Conversation conversation, Message message, Set<UserId> offline);
}
