package chat.server.admin;

import chat.engine.ChatApplication;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.Report;
import chat.engine.ReportId;
import chat.engine.protocol.JsonObjects;
import chat.server.conversations.Conversations;
import chat.server.json.ApiException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What users have reported, and what was decided. Thread-safe; blocks. */
final class ReportAdministration {
  /** The action of the audit log that says who decided. */
  static final String DECIDE = "report.decide";

  private final Jdbi jdbi;
  private final Supplier<ChatApplication> chat;

  ReportAdministration(Jdbi jdbi, Supplier<ChatApplication> chat) {
    this.jdbi = jdbi;
    this.chat = chat;
  }

  /**
   * @param open whether only those that wait for a decision, the oldest first; else all, the newest
   *     first
   */
  ObjectNode list(boolean open, Optional<Long> after, int limit) {
    Page<Report> page =
        Conversations.await(
            chat.get()
                .reports(
                    open ? Report.Order.OLDEST_OPEN_FIRST : Report.Order.NEWEST_FIRST,
                    new PageQuery<>(after.map(ReportId::of).orElse(null), limit)));
    Map<String, String> deciders = deciders(page.items());
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("reports");
    page.items().forEach(report -> array.add(json(report, deciders.get(report.id().toString()))));
    return reply.put("has_more", page.hasMore());
  }

  ObjectNode decide(ReportId id, String decision, @Nullable String note) {
    Report.Status status =
        switch (decision) {
          case "open" -> Report.Status.OPEN;
          case "dismissed" -> Report.Status.DISMISSED;
          case "actioned" -> Report.Status.ACTIONED;
          default -> throw ApiException.badRequest("decision must be open, dismissed or actioned");
        };
    return json(Conversations.await(chat.get().decideReport(id, status, note)), null);
  }

  private record Decider(String report, String who) {}

  /** The engine knows when it was decided, and the audit log by whom. */
  private Map<String, String> deciders(List<Report> reports) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select distinct on (e.target_id) e.target_id,
                           coalesce(a.username, e.origin) as who
                    from server_audit e
                    left join server_account a
                      on a.account_id = e.actor_id and a.erased_at is null
                    where e.target_kind = 'report' and e.target_id = any(:ids)
                      and e.action = :action and e.outcome = 'done'
                    order by e.target_id, e.audit_id desc""")
                .bindArray(
                    "ids",
                    String.class,
                    reports.stream().map(report -> report.id().toString()).toList())
                .bind("action", DECIDE)
                .map((row, context) -> new Decider(row.getString(1), row.getString(2)))
                .stream()
                .collect(Collectors.toMap(Decider::report, Decider::who)));
  }

  private static ObjectNode json(Report report, @Nullable String decidedBy) {
    ObjectNode json =
        JsonObjects.object()
            .put("id", report.id().toString())
            .put("conversation_id", report.conversation().toString())
            .put("seq", report.seq())
            .put("from", report.author().value())
            .put("text", report.text())
            .put("sent_at", JsonObjects.time(report.sentAt()))
            .put("reporter", report.reporter().value())
            .put("reason", report.reason())
            .put("reported_at", JsonObjects.time(report.reportedAt()))
            .put("status", report.status().name().toLowerCase(Locale.ROOT))
            .put("note", report.note());
    Instant decided = report.decidedAt();
    json.put("decided_at", decided == null ? null : JsonObjects.time(decided));
    return json.put("decided_by", decided == null ? null : decidedBy);
  }
}
