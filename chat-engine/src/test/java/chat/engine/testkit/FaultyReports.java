package chat.engine.testkit;

import chat.engine.ConversationId;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import chat.engine.spi.ReportStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reports of a {@link FaultyStore}. */
record FaultyReports(ReportStore real, List<ActiveFaults> faults)
    implements ReportStore, FaultyCalls {
  @Override
  public Outcome report(
      ReportId id,
      ConversationId conversation,
      long seq,
      UserId reporter,
      String reason,
      int mostOpen,
      Instant now) {
    return write(() -> real.report(id, conversation, seq, reporter, reason, mostOpen, now));
  }

  @Override
  public List<Report> page(Report.Order order, @Nullable ReportId after, int limit) {
    return read(() -> real.page(order, after, limit));
  }

  @Override
  public List<Report> by(UserId reporter, ConversationId conversation, long afterSeq, int limit) {
    return read(() -> real.by(reporter, conversation, afterSeq, limit));
  }

  @Override
  public Optional<Report> decide(
      ReportId id, Report.Status status, @Nullable String note, Instant decidedAt) {
    return write(() -> real.decide(id, status, note, decidedAt));
  }

  @Override
  public boolean remove(ReportId id) {
    return write(() -> real.remove(id));
  }
}
