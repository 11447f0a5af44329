package chat.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a conversation is. Immutable.
 *
 * @param name the group's name; null for a direct conversation
 * @param peers the two users of a direct conversation in their natural order; empty for a group
 * @param attributes anything that the application keeps with a group, at most {@link
 *     #MAX_ATTRIBUTES_BYTES} bytes in UTF-8; opaque to the engine, or null
 * @param description what a group is about, see {@link GroupUpdate#withDescription}; or null
 * @param avatarUrl where the picture of a group is, see {@link GroupUpdate#withAvatarUrl}; or null
 * @param slowMode the time that a plain member of a group waits between two sends; {@link
 *     Duration#ZERO} for none
 * @param history what members of a group may read of the time before they joined
 */
public record Conversation(
    ConversationId id,
    ConversationKind kind,
    @Nullable String name,
    List<UserId> peers,
    Instant createdAt,
    @Nullable String attributes,
    @Nullable String description,
    @Nullable String avatarUrl,
    Duration slowMode,
    HistoryAccess history) {
  /** The most characters (UTF-16 code units) of a group's name. */
  public static final int MAX_NAME_LENGTH = 128;

  /** The most bytes of a group's attributes in UTF-8. */
  public static final int MAX_ATTRIBUTES_BYTES = 4096;

  public Conversation {
    peers = List.copyOf(peers);
  }

  /** Without a description, a picture and slow mode, and with all of its history. */
  public Conversation(
      ConversationId id,
      ConversationKind kind,
      @Nullable String name,
      List<UserId> peers,
      Instant createdAt,
      @Nullable String attributes) {
    this(
        id, kind, name, peers, createdAt, attributes, null, null, Duration.ZERO, HistoryAccess.ALL);
  }

  /** Without attributes, too. */
  public Conversation(
      ConversationId id,
      ConversationKind kind,
      @Nullable String name,
      List<UserId> peers,
      Instant createdAt) {
    this(id, kind, name, peers, createdAt, null);
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
   * A group's name has 1 to {@link #MAX_NAME_LENGTH} characters, one of them visible, and none that
   * nobody sees, see {@link InvisibleCharacters}; nor control characters or line breaks. U+200D and
   * U+FE0F are allowed in emoji that need them.
   *
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if this cannot be a group's name
   */
  public static String requireName(String name) {
    return TextRules.requireVisibleName("group name", name, MAX_NAME_LENGTH);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} or {@link ErrorCode#TOO_LARGE} if
   *     these cannot be a group's attributes
   */
  public static @Nullable String requireAttributes(@Nullable String attributes) {
    return attributes == null
        ? null
        : TextRules.requireText("group attributes", attributes, MAX_ATTRIBUTES_BYTES);
  }

  public Conversation withName(String changed) {
    return new Conversation(
        id, kind, changed, peers, createdAt, attributes, description, avatarUrl, slowMode, history);
  }

  public Conversation withAttributes(@Nullable String changed) {
    return new Conversation(
        id, kind, name, peers, createdAt, changed, description, avatarUrl, slowMode, history);
  }

  public Conversation withHistory(HistoryAccess changed) {
    return new Conversation(
        id, kind, name, peers, createdAt, attributes, description, avatarUrl, slowMode, changed);
  }

  /** What it is, what it is called and who reads what, without what else a group has. */
  public Conversation withoutDetails() {
    return attributes == null && description == null && avatarUrl == null && slowMode.isZero()
        ? this
        : new Conversation(id, kind, name, peers, createdAt).withHistory(history);
  }

  /** The other user of a direct conversation; empty for a group. */
  public Optional<UserId> peerOf(UserId user) {
    return peers.stream().filter(peer -> !peer.equals(user)).findFirst();
  }
}
