package chat.engine.hook;

import chat.engine.Experimental;
import chat.engine.UserId;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Says who is whose contact, for users who show their presence to contacts only ({@link
 * chat.engine.Privacy.Audience#CONTACTS}). The relation is symmetric: two users are contacts of
 * each other or not. Without a policy, contacts are those who share a direct conversation.
 *
 * <p>Asked like an {@link ActionHook}: on threads that may block, from several at once, and with
 * the hook deadline. If it fails, is late or answers null, the users in question are hidden until
 * it answers. It is asked again about every 15 s for each user who watches somebody for whom it
 * matters; call {@link chat.engine.ChatSession#watchPresence} again to be faster.
 */
@Experimental
@FunctionalInterface
public interface ContactPolicy {
  /**
   * @param others never empty, never the user
   * @return those of the others who are contacts of the user
   */
  CompletionStage<Set<UserId>> contacts(UserId user, Set<UserId> others);
}
