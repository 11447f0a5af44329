package chat.engine;

/**
 * What a user lets others see. Immutable.
 *
 * @param lastSeen who sees whether the user is online and when they were last seen
 * @param readReceipts whether others see how far the user has read, and the user how far others
 *     have
 * @param version counts the changes; 0 for one who has never changed anything
 */
@Experimental
public record Privacy(Audience lastSeen, boolean readReceipts, long version) {
  /** Of a user who has never changed anything: everybody sees everything. */
  public static final Privacy OPEN = new Privacy(Audience.EVERYONE, true, 0);

  /** Who sees something of a user. */
  public enum Audience {
    EVERYONE,
    /** Those whom the application calls contacts; see {@link chat.engine.hook.ContactPolicy}. */
    CONTACTS,
    NOBODY
  }
}
