package chat.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation is. Immutable.
 *
 * @param name the group's name; null for a direct conversation
 * @param peers the two users of a direct conversation in their natural order; empty for a group
 */
public record Conversation(
    ConversationId id,
    ConversationKind kind,
    @Nullable String name,
    List<UserId> peers,
    Instant createdAt) {
  /** Most characters (UTF-16 code units) of a group's name. */
  public static final int MAX_NAME_LENGTH = 128;

  public Conversation {
    peers = List.copyOf(peers);
  }

  public static Conversation direct(
      ConversationId id, UserId one, UserId other, Instant createdAt) {
    List<UserId> ordered = one.compareTo(other) <= 0 ? List.of(one, other) : List.of(other, one);
    return new Conversation(id, ConversationKind.DIRECT, null, ordered, createdAt);
  }

  public static Conversation group(ConversationId id, String name, Instant createdAt) {
    return new Conversation(id, ConversationKind.GROUP, name, List.of(), createdAt);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if this cannot be a group's name
   */
  public static String requireName(String name) {
    return TextRules.requireName("group name", name, MAX_NAME_LENGTH);
  }

  /** The other user of a direct conversation; empty for a group. */
  public Optional<UserId> peerOf(UserId user) {
    return peers.stream().filter(peer -> !peer.equals(user)).findFirst();
  }
}
