package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * How a user is shown to others. Immutable.
 *
 * @param displayName what the user is called; null for none
 * @param avatarUrl where the picture of the user is; null for none
 */
@Experimental
public record Profile(UserId user, @Nullable String displayName, @Nullable String avatarUrl) {
  /** The profile of a user who has set nothing, or whom the reader may not see. */
  public static Profile empty(UserId user) {
    return new Profile(user, null, null);
  }
}
