package chat.engine.memory.conversation;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.UserId;
import chat.engine.spi.ReportStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reports in memory; the monitor of the conversations is their lock, too. */
final class InMemoryReports implements ReportStore {
  private final InMemoryConversations conversations;
  private final NavigableMap<ReportId, Report> reports = new TreeMap<>();

  InMemoryReports(InMemoryConversations conversations) {
    this.conversations = conversations;
  }

  void forget(ConversationId conversation) {
    synchronized (conversations) {
      reports.values().removeIf(report -> report.conversation().equals(conversation));
    }
  }

  /**
   * Lets another user take the place of one.
   *
   * @param replacement null to forget what the user was reported for, and what the user reported
   */
  void replace(UserId user, @Nullable UserId replacement) {
    synchronized (conversations) {
      if (replacement == null) {
        reports
            .values()
            .removeIf(report -> report.author().equals(user) || report.reporter().equals(user));
      } else {
        reports.replaceAll((id, report) -> renamed(report, user, replacement));
      }
    }
  }

  private static Report renamed(Report report, UserId user, UserId replacement) {
    return new Report(
        report.id(),
        report.conversation(),
        report.seq(),
        report.message(),
        report.author().equals(user) ? replacement : report.author(),
        report.text(),
        report.attributes(),
        report.sentAt(),
        report.editedAt(),
        report.reporter().equals(user) ? replacement : report.reporter(),
        report.reason(),
        report.reportedAt(),
        report.status(),
        report.note(),
        report.decidedAt());
  }

  @Override
  public Outcome report(
      ReportId id,
      ConversationId conversation,
      long seq,
      UserId reporter,
      String reason,
      int mostOpen,
      Instant now) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(conversation);
      if (stored == null || stored.member(reporter) == null) {
        return Outcome.NOT_MEMBER;
      }
      List<Report> own =
          reports.values().stream().filter(report -> report.reporter().equals(reporter)).toList();
      if (own.stream()
          .anyMatch(report -> report.conversation().equals(conversation) && report.seq() == seq)) {
        return Outcome.REPEATED;
      }
      boolean isReadable = seq > stored.readableAfter(reporter);
      List<Message> found = isReadable ? stored.messages(seq - 1, seq, 1) : List.of();
      if (found.isEmpty()) {
        return Outcome.NO_SUCH_MESSAGE;
      }
      Message message = found.get(0);
      if (message.from().equals(reporter)) {
        return Outcome.OWN;
      }
      if (message.deleted()) {
        return Outcome.WAS_DELETED;
      }
      if (own.stream().filter(report -> report.status() == Report.Status.OPEN).count()
          >= mostOpen) {
        return Outcome.TOO_MANY;
      }
      reports.put(id, copy(id, message, reporter, reason, now));
      return Outcome.REPORTED;
    }
  }

  private static Report copy(
      ReportId id, Message message, UserId reporter, String reason, Instant now) {
    return new Report(
        id,
        message.conversation(),
        message.seq(),
        message.id(),
        message.from(),
        message.text(),
        message.attributes(),
        message.createdAt(),
        message.editedAt(),
        reporter,
        reason,
        now,
        Report.Status.OPEN,
        null,
        null);
  }

  @Override
  public List<Report> page(Report.Order order, @Nullable ReportId after, int limit) {
    synchronized (conversations) {
      boolean newest = order == Report.Order.NEWEST_FIRST;
      NavigableMap<ReportId, Report> all = newest ? reports.descendingMap() : reports;
      return (after == null ? all : all.tailMap(after, false))
          .values().stream()
              .filter(report -> newest || report.status() == Report.Status.OPEN)
              .limit(limit)
              .toList();
    }
  }

  @Override
  public List<Report> by(UserId reporter, ConversationId conversation, long afterSeq, int limit) {
    synchronized (conversations) {
      return reports.values().stream()
          .filter(report -> report.reporter().equals(reporter))
          .filter(report -> report.conversation().equals(conversation) && report.seq() > afterSeq)
          .sorted(Comparator.comparingLong(Report::seq))
          .limit(limit)
          .toList();
    }
  }

  @Override
  public Optional<Report> decide(
      ReportId id, Report.Status status, @Nullable String note, Instant decidedAt) {
    synchronized (conversations) {
      return Optional.ofNullable(
          reports.computeIfPresent(id, (same, report) -> report.decided(status, note, decidedAt)));
    }
  }

  @Override
  public boolean remove(ReportId id) {
    synchronized (conversations) {
      return reports.remove(id) != null;
    }
  }
}
