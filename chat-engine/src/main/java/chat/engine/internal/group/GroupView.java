package chat.engine.internal.group;

import chat.engine.Ban;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A group as a change of it is decided on: its members at some rev, and what else there is to know,
 * read when it is asked for. What is read later than the members belongs to their rev all the same:
 * if anything changed in between, the store refuses the change, and it is decided anew.
 *
 * @param conversation as it is now
 * @param bans those among some users that are in force
 * @param now the time of the change
 */
public record GroupView(
    Roles members, Supplier<Conversation> conversation, BanLookup bans, Instant now) {
  /** Reads bans. */
  @FunctionalInterface
  public interface BanLookup {
    List<Ban> among(Collection<UserId> users);
  }

  /**
   * @throws ChatException with {@code FORBIDDEN} if one of the changes adds a user who is banned
   */
  void requireNoneBanned(List<Change> changes) {
    Set<UserId> added = new HashSet<>();
    for (Change change : changes) {
      if (change.kind() == ConversationChange.Kind.ADDED) {
        added.addAll(change.subjects());
      }
    }
    List<Ban> banned = added.isEmpty() ? List.of() : bans.among(added);
    if (!banned.isEmpty()) {
      UserId first = banned.stream().map(Ban::user).min(UserId::compareTo).orElseThrow();
      throw ChatException.forbidden("user " + first + " is banned from the group");
    }
  }
}
