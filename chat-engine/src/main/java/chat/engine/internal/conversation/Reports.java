package chat.engine.internal.conversation;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.ReportStore;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What users report, and what moderators decide about it. Every method blocks: call it on a store
 * thread. Thread-safe.
 */
public final class Reports {
  private final ReportStore store;
  private final IdGenerator ids;
  private final InstantSource clock;
  private final int mostOpen;

  /**
   * @param mostOpen reports of a user that can be open at the same time
   */
  public Reports(ReportStore store, IdGenerator ids, InstantSource clock, int mostOpen) {
    this.store = store;
    this.ids = ids;
    this.clock = clock;
    this.mostOpen = mostOpen;
  }

  /** Keeps a message as it is now; repeating it changes nothing. */
  public void report(UserId reporter, ConversationId conversation, long seq, String reason) {
    ReportId id = ReportId.of(ids.next(1)[0]);
    switch (store.report(id, conversation, seq, reporter, reason, mostOpen, now())) {
      case REPORTED, REPEATED -> {}
      case NOT_MEMBER -> throw Errors.noSuchConversation(conversation);
      case NO_SUCH_MESSAGE ->
          throw ChatException.notFound("conversation " + conversation + " has no message " + seq);
      case OWN -> throw ChatException.badRequest("message " + seq + " is your own");
      case WAS_DELETED -> throw ChatException.conflict("message " + seq + " was deleted");
      case TOO_MANY ->
          throw ChatException.tooLarge(
              "at most " + mostOpen + " reports of a user can wait for a decision");
    }
  }

  public Page<Report> page(Report.Order order, PageQuery<ReportId> page) {
    return Page.of(store.page(order, page.after(), page.limit() + 1), page.limit());
  }

  public Report decide(ReportId id, Report.Status decision, @Nullable String note) {
    return store
        .decide(id, decision, note, now())
        .orElseThrow(() -> ChatException.notFound("there is no report " + id));
  }

  /** Does nothing if there is no such report. */
  public void remove(ReportId id) {
    store.remove(id);
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
