package chat.engine;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What to change of {@link Preferences}; the rest stays as it is. Begin with {@link #NOTHING} and
 * add what is to be changed, for example {@code PreferencesEdit.NOTHING.pinned(true)}. Immutable.
 *
 * @param setsMutedUntil whether {@code mutedUntil} is to be set
 * @param mutedUntil until when, in whole milliseconds; null to end it
 * @param archived whether to archive; null to leave it as it is
 * @param pinned whether to pin; null to leave it as it is
 * @param setsUnreadFrom whether {@code unreadFrom} is to be set
 * @param unreadFrom from which seq on; null to end the mark
 */
public record PreferencesEdit(
    boolean setsMutedUntil,
    @Nullable Instant mutedUntil,
    @Nullable Boolean archived,
    @Nullable Boolean pinned,
    boolean setsUnreadFrom,
    @Nullable Long unreadFrom) {
  /** Changes nothing. */
  public static final PreferencesEdit NOTHING =
      new PreferencesEdit(false, null, null, null, false, null);

  /** Mutes for ever: the last millisecond of the year 9999, the latest possible time. */
  public static final Instant FOR_GOOD = Instant.parse("9999-12-31T23:59:59.999Z");

  /**
   * @throws ChatException with {@code BAD_REQUEST} for a time before 1970 or after {@link
   *     #FOR_GOOD}, and for a seq below 1
   */
  public PreferencesEdit {
    if (mutedUntil != null) {
      mutedUntil = mutedUntil.truncatedTo(ChronoUnit.MILLIS);
      if (mutedUntil.isBefore(Instant.EPOCH) || mutedUntil.isAfter(FOR_GOOD)) {
        throw ChatException.badRequest(
            "a conversation can be muted until a time in the years 1970 to 9999, not until "
                + mutedUntil);
      }
    }
    if (unreadFrom != null && unreadFrom < 1) {
      throw ChatException.badRequest(
          "messages can be marked as unread from seq 1 on, not from " + unreadFrom);
    }
  }

  /**
   * @param until null to end it
   */
  public PreferencesEdit mutedUntil(@Nullable Instant until) {
    return new PreferencesEdit(true, until, archived, pinned, setsUnreadFrom, unreadFrom);
  }

  public PreferencesEdit archived(boolean on) {
    return new PreferencesEdit(setsMutedUntil, mutedUntil, on, pinned, setsUnreadFrom, unreadFrom);
  }

  public PreferencesEdit pinned(boolean on) {
    return new PreferencesEdit(
        setsMutedUntil, mutedUntil, archived, on, setsUnreadFrom, unreadFrom);
  }

  /**
   * @param seq null to end the mark
   */
  public PreferencesEdit unreadFrom(@Nullable Long seq) {
    return new PreferencesEdit(setsMutedUntil, mutedUntil, archived, pinned, true, seq);
  }

  /**
   * The preferences with these changes and the next version, or as they were if they say the same.
   *
   * @param lastSeq of the conversation
   */
  public Preferences applyTo(Preferences before, long lastSeq) {
    Preferences now = before.at(lastSeq);
    Preferences after =
        new Preferences(
            now.version(),
            setsMutedUntil ? mutedUntil : now.mutedUntil(),
            archivedAtSeq(now, lastSeq),
            pinned != null ? pinned : now.pinned(),
            setsUnreadFrom ? unreadFrom : now.unreadFrom());
    return after.equals(now)
        ? now
        : new Preferences(
            now.version() + 1,
            after.mutedUntil(),
            after.archivedAtSeq(),
            after.pinned(),
            after.unreadFrom());
  }

  private @Nullable Long archivedAtSeq(Preferences now, long lastSeq) {
    if (archived == null) {
      return now.archivedAtSeq();
    }
    return archived ? (Long) lastSeq : null;
  }
}
