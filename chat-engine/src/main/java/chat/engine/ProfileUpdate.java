package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * What to change of a {@link Profile}; the rest stays as it is. Begin with {@link #NOTHING} and add
 * what is to be changed, for example {@code ProfileUpdate.NOTHING.withDisplayName("Ada")}.
 * Immutable.
 *
 * @param setsDisplayName whether {@code displayName} is to be set
 * @param displayName null for none any more, or unless it changes
 * @param setsAvatarUrl whether {@code avatarUrl} is to be set
 * @param avatarUrl null for none any more, or unless it changes
 */
@Experimental
public record ProfileUpdate(
    boolean setsDisplayName,
    @Nullable String displayName,
    boolean setsAvatarUrl,
    @Nullable String avatarUrl) {
  /** Changes nothing. */
  public static final ProfileUpdate NOTHING = new ProfileUpdate(false, null, false, null);

  /** The most characters (UTF-16 code units) of a display name. */
  public static final int MAX_NAME_LENGTH = Conversation.MAX_NAME_LENGTH;

  /**
   * @throws IllegalArgumentException if there is a value of a field that does not change
   * @throws ChatException with {@code BAD_REQUEST} for values that cannot be, see {@link
   *     #withDisplayName} and {@link #withAvatarUrl}
   */
  public ProfileUpdate {
    if ((displayName != null && !setsDisplayName) || (avatarUrl != null && !setsAvatarUrl)) {
      throw new IllegalArgumentException("a value is given of a field that does not change");
    }
    if (displayName != null) {
      TextRules.requireVisibleName("display_name", displayName, MAX_NAME_LENGTH);
    }
    if (avatarUrl != null) {
      GroupUpdate.requireUrl(avatarUrl);
    }
  }

  /**
   * @param name as the name of a group, see {@link Conversation#requireName}; null for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public ProfileUpdate withDisplayName(@Nullable String name) {
    return new ProfileUpdate(true, name, setsAvatarUrl, avatarUrl);
  }

  /**
   * @param url as the picture of a group, see {@link GroupUpdate#withAvatarUrl}; null for none
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST}
   */
  public ProfileUpdate withAvatarUrl(@Nullable String url) {
    return new ProfileUpdate(setsDisplayName, displayName, true, url);
  }

  /** The profile with these changes. */
  public Profile applyTo(Profile before) {
    return new Profile(
        before.user(),
        setsDisplayName ? displayName : before.displayName(),
        setsAvatarUrl ? avatarUrl : before.avatarUrl());
  }
}
