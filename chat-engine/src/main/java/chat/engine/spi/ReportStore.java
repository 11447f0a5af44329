package chat.engine.spi;

import chat.engine.ConversationId;
import chat.engine.Experimental;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What users have reported. Thread-safety, blocking and errors as for {@link MessageStore}. A
 * report stays when its message is edited, is deleted or expires, and is deleted with its
 * conversation.
 */
@Experimental
public interface ReportStore {
  /**
   * Stores a report with the message as it is now, at most one of a reporter for each message.
   *
   * @param id of the report if it is stored
   * @param mostOpen reports of the same reporter that can be open; two at the same time may exceed
   *     it by one
   */
  Outcome report(
      ReportId id,
      ConversationId conversation,
      long seq,
      UserId reporter,
      String reason,
      int mostOpen,
      Instant now);

  /**
   * A page of the reports, in the order of their ids, or the reverse of it.
   *
   * @param after the page begins behind this id; null for the first
   * @param limit above 0
   */
  List<Report> page(Report.Order order, @Nullable ReportId after, int limit);

  /**
   * What a user has reported in a conversation, ascending by the seqs of the messages.
   *
   * @param afterSeq the page begins behind this one; 0 for the first
   * @param limit above 0
   */
  List<Report> by(UserId reporter, ConversationId conversation, long afterSeq, int limit);

  /**
   * Sets the status and the note of a report; the last call wins.
   *
   * @return the report afterwards; empty if there is none
   */
  Optional<Report> decide(
      ReportId id, Report.Status status, @Nullable String note, Instant decidedAt);

  /**
   * Takes a report out of the store.
   *
   * @return false if there is none
   */
  boolean remove(ReportId id);

  /** What became of a report; the first of these that applies. */
  enum Outcome {
    /** The reporter is no member of the conversation, or there is none. */
    NOT_MEMBER,
    /** The reporter has reported this message before; that report stays as it is. */
    REPEATED,
    NO_SUCH_MESSAGE,
    /** The reporter has written the message. */
    OWN,
    /** There is no text any more. */
    WAS_DELETED,
    /** The reporter has as many open reports as they can have. */
    TOO_MANY,
    REPORTED
  }
}
