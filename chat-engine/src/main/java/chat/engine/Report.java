package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a user has reported, with the message as it was then: later edits, its deletion and its
 * expiry change nothing here. Immutable.
 *
 * @param seq of the message
 * @param author of the message; {@link UserId#SYSTEM} for the application
 * @param text as it was when the report was stored
 * @param attributes as they were then; see {@link Message#attributes}
 * @param sentAt when the message was sent
 * @param editedAt when it had been edited last; null if it had not
 * @param reporter who reported it
 * @param reason in the words of the reporter
 * @param reportedAt when it was reported first
 * @param status what was decided
 * @param note what the moderator noted with the decision; null for nothing
 * @param decidedAt when the status was set; null if it never was
 */
public record Report(
    ReportId id,
    ConversationId conversation,
    long seq,
    MessageId message,
    UserId author,
    String text,
    @Nullable String attributes,
    Instant sentAt,
    @Nullable Instant editedAt,
    UserId reporter,
    String reason,
    Instant reportedAt,
    Status status,
    @Nullable String note,
    @Nullable Instant decidedAt) {
  /** The most characters (UTF-16 code units) of a reason, and of a note. */
  public static final int MAX_TEXT_LENGTH = 1_000;

  /** What has become of a report. */
  public enum Status {
    /** Nobody has decided yet. */
    OPEN,
    /** There was nothing to do. */
    DISMISSED,
    /** Something was done: a deletion, a ban or a warning. What it was is up to the application. */
    ACTIONED
  }

  /** In which order reports are listed, and which of them. */
  public enum Order {
    /** All reports, the last one first. */
    NEWEST_FIRST,
    /** The reports that are {@link Status#OPEN}, those that have waited longest first. */
    OLDEST_OPEN_FIRST
  }

  /** The same report after a decision. */
  public Report decided(Status decision, @Nullable String noted, Instant at) {
    return new Report(
        id,
        conversation,
        seq,
        message,
        author,
        text,
        attributes,
        sentAt,
        editedAt,
        reporter,
        reason,
        reportedAt,
        decision,
        noted,
        at);
  }

  /**
   * @return the reason
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} unless it has 1 to {@link
   *     #MAX_TEXT_LENGTH} characters, something to see among them
   */
  public static String requireReason(String reason) {
    return requireText("reason", reason);
  }

  /** As {@link #requireReason}, for the note of a moderator. */
  public static String requireNote(String note) {
    return requireText("note", note);
  }

  private static String requireText(String what, String value) {
    TextRules.requireLength(what, value, MAX_TEXT_LENGTH);
    return TextRules.requireMessage(what, value, Integer.MAX_VALUE);
  }
}
