package chat.server.admin;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who did what to whom, when and why. An entry is there before its action begins, so that whatever
 * was done is in the log even if the process died of it. Thread-safe; blocks.
 */
public final class AuditLog {
  static final int MAX_REASON = 1_000;
  static final int MAX_REFUSED = 20;

  private final Jdbi jdbi;

  public AuditLog(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * What an action is about.
   *
   * @param id of an account, a conversation or a report; null for one that does not exist. Never a
   *     name, which would outlive its user here
   */
  record Target(@Nullable String kind, @Nullable String id) {
    static final Target NONE = new Target(null, null);

    static Target of(String kind, long id) {
      return new Target(kind, Long.toString(id));
    }
  }

  /**
   * Does an action and writes down what became of it.
   *
   * @param details of the action, which stand before the operator's reason; null for none
   */
  <T> T record(
      Operator who, String action, Target target, @Nullable String details, Supplier<T> work) {
    String reason = who.reason();
    if (reason != null && reason.length() > MAX_REASON) {
      throw ApiException.badRequest("reason must have at most " + MAX_REASON + " characters");
    }
    long entry =
        begin(
            who,
            action,
            target,
            details == null ? reason : reason == null ? details : details + ": " + reason);
    try {
      T result = work.get();
      end(entry, "done", null);
      return result;
    } catch (RuntimeException fault) {
      ApiError error = ApiException.from(fault).error();
      boolean failed = error.httpStatus() >= ApiError.INTERNAL.httpStatus();
      end(entry, failed ? "failed" : "refused", error.wireName());
      throw fault;
    }
  }

  /**
   * Writes down that somebody was not let in: of one user {@link #MAX_REFUSED} times a minute, or
   * the log would be theirs to fill.
   */
  void refused(Account who, String origin, String action) {
    int lately =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select count(*) from server_audit"
                            + " where actor_id = :actor and at > now() - interval '1 minute'")
                    .bind("actor", who.id())
                    .mapTo(int.class)
                    .one());
    if (lately < MAX_REFUSED) {
      end(
          begin(new Operator(who, origin, null), action, Target.NONE, null),
          "refused",
          ApiError.FORBIDDEN.wireName());
    }
  }

  private long begin(Operator who, String action, Target target, @Nullable String reason) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    insert into server_audit
                      (actor_id, origin, action, target_kind, target_id, reason, outcome)
                    values (:actor, :origin, :action, :kind, :target, :reason, 'begun')
                    returning audit_id""")
                .bind("actor", who.account() == null ? null : who.account().id())
                .bind("origin", who.origin())
                .bind("action", action)
                .bind("kind", target.kind())
                .bind("target", target.id())
                .bind("reason", reason)
                .mapTo(Long.class)
                .one());
  }

  private void end(long entry, String outcome, @Nullable String error) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "update server_audit set outcome = :outcome, error = :error"
                        + " where audit_id = :entry")
                .bind("outcome", outcome)
                .bind("error", error)
                .bind("entry", entry)
                .execute());
  }

  /**
   * The entries, the newest first.
   *
   * @param before only those with a lower id
   */
  public ObjectNode page(long before, int limit) {
    ObjectNode reply = JsonObjects.object();
    ArrayNode entries = reply.putArray("entries");
    int found =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select e.*, actor.username as actor, target.username as target
                        from server_audit e
                        left join server_account actor
                          on actor.account_id = e.actor_id and actor.erased_at is null
                        left join server_account target
                          on e.target_kind = 'user' and target.account_id = e.target_id::bigint
                            and target.erased_at is null
                        where e.audit_id < :before
                        order by e.audit_id desc limit :limit""")
                    .bind("before", before)
                    .bind("limit", limit + 1)
                    .map((row, context) -> read(row))
                    .stream()
                    .mapToInt(
                        entry -> {
                          if (entries.size() < limit) {
                            entries.add(entry);
                          }
                          return 1;
                        })
                    .sum());
    return reply.put("has_more", found > limit);
  }

  private static ObjectNode read(ResultSet row) throws SQLException {
    return JsonObjects.object()
        .put("id", row.getString("audit_id"))
        .put("at", JsonObjects.time(row.getObject("at", OffsetDateTime.class).toInstant()))
        .put("actor_id", row.getString("actor_id"))
        .put("actor", row.getString("actor"))
        .put("origin", row.getString("origin"))
        .put("action", row.getString("action"))
        .put("target_kind", row.getString("target_kind"))
        .put("target_id", row.getString("target_id"))
        .put("target", row.getString("target"))
        .put("reason", row.getString("reason"))
        .put("outcome", row.getString("outcome"))
        .put("error", row.getString("error"));
  }
}
