package chat.engine.memory.conversation;

import chat.engine.Emoji;
import chat.engine.UserId;
import chat.engine.UserReactions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who reacts to the messages of one conversation with what. A reaction that was taken back is
 * remembered as one that is not active, with the rev of that. Guarded by the store's lock.
 */
final class StoredReactions {
  private record Given(long rev, boolean active) {}

  private final Comparator<UserId> order;
  private final Map<Long, NavigableMap<UserId, Map<Emoji, Given>>> bySeq = new HashMap<>();

  /**
   * @param order of the users in a page
   */
  StoredReactions(Comparator<UserId> order) {
    this.order = order;
  }

  void copyTo(StoredReactions copy) {
    bySeq.forEach(
        (seq, users) ->
            users.forEach(
                (user, emojis) ->
                    emojis.forEach(
                        (emoji, given) ->
                            copy.set(seq, user, emoji, given.rev(), given.active()))));
  }

  void set(long seq, UserId user, Emoji emoji, long rev, boolean active) {
    bySeq
        .computeIfAbsent(seq, none -> new TreeMap<>(order))
        .computeIfAbsent(user, none -> new HashMap<>())
        .put(emoji, new Given(rev, active));
  }

  /** Forgets all reactions to a message. */
  void forget(long seq) {
    bySeq.remove(seq);
  }

  /**
   * @param replacement null to forget the reactions of the user
   */
  void replace(UserId user, @Nullable UserId replacement) {
    for (NavigableMap<UserId, Map<Emoji, Given>> users : bySeq.values()) {
      Map<Emoji, Given> own = users.remove(user);
      if (own != null && replacement != null) {
        users.put(replacement, own);
      }
    }
  }

  private Map<Emoji, Given> given(long seq, UserId user) {
    NavigableMap<UserId, Map<Emoji, Given>> users = bySeq.get(seq);
    return users == null ? Map.of() : users.getOrDefault(user, Map.of());
  }

  /** Of the last change of a reaction; 0 if it was never given. */
  long rev(long seq, UserId user, Emoji emoji) {
    Given last = given(seq, user).get(emoji);
    return last == null ? 0 : last.rev();
  }

  /** What the user reacts to a message with. */
  Set<Emoji> of(long seq, UserId user) {
    return new HashSet<>(active(given(seq, user)));
  }

  /** The emoji of the reaction whose last change has this rev; null if there is none. */
  @Nullable Emoji changedAt(long seq, UserId user, long rev) {
    for (Map.Entry<Emoji, Given> entry : given(seq, user).entrySet()) {
      if (entry.getValue().rev() == rev) {
        return entry.getKey();
      }
    }
    return null;
  }

  /** See {@link chat.engine.spi.MessageStore#reactions}. */
  List<UserReactions> page(long seq, @Nullable Emoji emoji, @Nullable UserId after, int limit) {
    NavigableMap<UserId, Map<Emoji, Given>> users = bySeq.get(seq);
    if (users == null) {
      return List.of();
    }
    List<UserReactions> page = new ArrayList<>();
    for (Map.Entry<UserId, Map<Emoji, Given>> user :
        (after == null ? users : users.tailMap(after, false)).entrySet()) {
      List<Emoji> emojis = new ArrayList<>(active(user.getValue()));
      if (emoji != null) {
        emojis.removeIf(other -> !other.equals(emoji));
      }
      if (!emojis.isEmpty() && page.size() < limit) {
        page.add(new UserReactions(user.getKey(), emojis));
      }
    }
    return page;
  }

  /** In the order of their revs. */
  private static List<Emoji> active(Map<Emoji, Given> emojis) {
    return emojis.entrySet().stream()
        .filter(entry -> entry.getValue().active())
        .sorted(Comparator.comparingLong(entry -> entry.getValue().rev()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
