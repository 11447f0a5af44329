package chat.engine;

import org.jspecify.annotations.Nullable;

/**
 * What to change of a {@link Privacy}; the rest stays as it is. Begin with {@link #NOTHING} and add
 * what is to be changed, for example {@code PrivacyEdit.NOTHING.readReceipts(false)}. Immutable.
 *
 * @param lastSeen null to leave it as it is
 * @param readReceipts null to leave them as they are
 */
@Experimental
public record PrivacyEdit(Privacy.@Nullable Audience lastSeen, @Nullable Boolean readReceipts) {
  /** Changes nothing. */
  public static final PrivacyEdit NOTHING = new PrivacyEdit(null, null);

  public PrivacyEdit lastSeen(Privacy.Audience audience) {
    return new PrivacyEdit(audience, readReceipts);
  }

  public PrivacyEdit readReceipts(boolean on) {
    return new PrivacyEdit(lastSeen, on);
  }

  /** The settings with these changes and the next version, or as they were if they say the same. */
  public Privacy applyTo(Privacy before) {
    Privacy after =
        new Privacy(
            lastSeen == null ? before.lastSeen() : lastSeen,
            readReceipts == null ? before.readReceipts() : readReceipts,
            before.version());
    return after.equals(before)
        ? before
        : new Privacy(after.lastSeen(), after.readReceipts(), before.version() + 1);
  }
}
