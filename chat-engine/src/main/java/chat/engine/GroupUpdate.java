package chat.engine;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A change of one or more fields of a group at once. Fields that are not named stay as they are.
 * Immutable.
 *
 * <pre>{@code
 * GroupUpdate.of().withDescription("Routes and weather").withSlowMode(Duration.ofSeconds(30))
 * }</pre>
 *
 * @param fields the fields that change
 * @param name null unless it changes
 * @param description null for none any more, or unless it changes
 * @param avatarUrl null for none any more, or unless it changes
 * @param attributes null for none any more, or unless they change
 * @param slowMode {@link Duration#ZERO} for none any more, or unless it changes
 * @param history {@link HistoryAccess#ALL} unless it changes
 */
public record GroupUpdate(
    Set<Field> fields,
    @Nullable String name,
    @Nullable String description,
    @Nullable String avatarUrl,
    @Nullable String attributes,
    Duration slowMode,
    HistoryAccess history) {
  /** The most characters (UTF-16 code units) of a description. */
  public static final int MAX_DESCRIPTION_LENGTH = 2_048;

  /** The most characters (UTF-16 code units) of the address of a picture. */
  public static final int MAX_AVATAR_URL_LENGTH = 2_048;

  /** The longest time between two sends of a member. */
  public static final Duration MAX_SLOW_MODE = Duration.ofDays(1);

  private static final GroupUpdate NOTHING =
      new GroupUpdate(Set.of(), null, null, null, null, Duration.ZERO, HistoryAccess.ALL);

  /** What a group has beside its members. */
  public enum Field {
    NAME,
    DESCRIPTION,
    AVATAR_URL,
    ATTRIBUTES,
    SLOW_MODE,
    HISTORY
  }

  /**
   * @throws IllegalArgumentException if there is a value of a field that does not change
   */
  public GroupUpdate {
    fields = fields.isEmpty() ? Set.of() : Set.copyOf(fields);
    if (fields.contains(Field.NAME) != (name != null)
        || (description != null && !fields.contains(Field.DESCRIPTION))
        || (avatarUrl != null && !fields.contains(Field.AVATAR_URL))
        || (attributes != null && !fields.contains(Field.ATTRIBUTES))
        || (!slowMode.isZero() && !fields.contains(Field.SLOW_MODE))
        || (history != HistoryAccess.ALL && !fields.contains(Field.HISTORY))) {
      throw new IllegalArgumentException("an update of " + fields + " has other values too");
    }
  }

  /** Leaves what members may read. */
  public GroupUpdate(
      Set<Field> fields,
      @Nullable String name,
      @Nullable String description,
      @Nullable String avatarUrl,
      @Nullable String attributes,
      Duration slowMode) {
    this(fields, name, description, avatarUrl, attributes, slowMode, HistoryAccess.ALL);
  }

  /** Changes nothing yet. */
  public static GroupUpdate of() {
    return NOTHING;
  }

  /**
   * @param changed see {@link Conversation#requireName}
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public GroupUpdate withName(String changed) {
    Conversation.requireName(changed);
    return new GroupUpdate(
        with(Field.NAME), changed, description, avatarUrl, attributes, slowMode, history);
  }

  /**
   * @param changed 1 to {@link #MAX_DESCRIPTION_LENGTH} characters, something to see among them,
   *     and no control characters but tabs and line breaks; null for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public GroupUpdate withDescription(@Nullable String changed) {
    if (changed != null) {
      TextRules.requireLength("description", changed, MAX_DESCRIPTION_LENGTH);
      TextRules.requireMessage("description", changed, Integer.MAX_VALUE);
    }
    return new GroupUpdate(
        with(Field.DESCRIPTION), name, changed, avatarUrl, attributes, slowMode, history);
  }

  /**
   * @param changed an absolute URL with http or https and a host, at most {@link
   *     #MAX_AVATAR_URL_LENGTH} characters; null for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public GroupUpdate withAvatarUrl(@Nullable String changed) {
    if (changed != null) {
      requireUrl(changed);
    }
    return new GroupUpdate(
        with(Field.AVATAR_URL), name, description, changed, attributes, slowMode, history);
  }

  /**
   * @param changed see {@link Conversation#requireAttributes}; null for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} or {@link ErrorCode#TOO_LARGE}
   */
  public GroupUpdate withAttributes(@Nullable String changed) {
    Conversation.requireAttributes(changed);
    return new GroupUpdate(
        with(Field.ATTRIBUTES), name, description, avatarUrl, changed, slowMode, history);
  }

  /**
   * @param changed the time that a plain member waits between two sends, in whole seconds up to
   *     {@link #MAX_SLOW_MODE}; {@link Duration#ZERO} for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public GroupUpdate withSlowMode(Duration changed) {
    if (changed.isNegative()
        || changed.compareTo(MAX_SLOW_MODE) > 0
        || changed.toNanosPart() != 0) {
      throw ChatException.badRequest(
          "slow_mode_seconds must be 0 to " + MAX_SLOW_MODE.toSeconds() + " whole seconds");
    }
    return new GroupUpdate(
        with(Field.SLOW_MODE), name, description, avatarUrl, attributes, changed, history);
  }

  /**
   * Changes what members may read from the time before they joined. From then on it applies to all
   * members, whenever they joined.
   */
  public GroupUpdate withHistory(HistoryAccess changed) {
    return new GroupUpdate(
        with(Field.HISTORY), name, description, avatarUrl, attributes, slowMode, changed);
  }

  /** The same without one of its fields. */
  public GroupUpdate without(Field field) {
    if (!changes(field)) {
      return this;
    }
    EnumSet<Field> fewer = EnumSet.copyOf(fields);
    fewer.remove(field);
    return new GroupUpdate(
        fewer,
        field == Field.NAME ? null : name,
        field == Field.DESCRIPTION ? null : description,
        field == Field.AVATAR_URL ? null : avatarUrl,
        field == Field.ATTRIBUTES ? null : attributes,
        field == Field.SLOW_MODE ? Duration.ZERO : slowMode,
        field == Field.HISTORY ? HistoryAccess.ALL : history);
  }

  public boolean changes(Field field) {
    return fields.contains(field);
  }

  /** Whether there is no field that it changes. */
  public boolean isEmpty() {
    return fields.isEmpty();
  }

  /** What a group is after it. */
  public Conversation applyTo(Conversation before) {
    return new Conversation(
        before.id(),
        before.kind(),
        changes(Field.NAME) ? name : before.name(),
        before.peers(),
        before.createdAt(),
        changes(Field.ATTRIBUTES) ? attributes : before.attributes(),
        changes(Field.DESCRIPTION) ? description : before.description(),
        changes(Field.AVATAR_URL) ? avatarUrl : before.avatarUrl(),
        changes(Field.SLOW_MODE) ? slowMode : before.slowMode(),
        changes(Field.HISTORY) ? history : before.history());
  }

  /** What of it is not so already. */
  public GroupUpdate newsFor(Conversation group) {
    GroupUpdate left = this;
    for (Field field : fields) {
      if (without(field).applyTo(group).equals(applyTo(group))) {
        left = left.without(field);
      }
    }
    return left;
  }

  private Set<Field> with(Field field) {
    EnumSet<Field> more = EnumSet.of(field);
    more.addAll(fields);
    return more;
  }

  static void requireUrl(String value) {
    TextRules.requireName("avatar_url", value, MAX_AVATAR_URL_LENGTH);
    try {
      URI uri = new URI(value);
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null) {
        return;
      }
    } catch (URISyntaxException malformed) {
      // refused below
    }
    throw ChatException.badRequest("avatar_url must be an http or https URL with a host");
  }
}
