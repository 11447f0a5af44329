package chat.server.announcements;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.announcements.Announcement.Kind;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The announcements in the database, also those of the past. They begin and end by its clock.
 * Thread-safe; blocks.
 */
public final class Announcements {
  /** More than a few sentences above the conversations are read by nobody. */
  public static final int MOST_SHOWN = 3;

  private static final String IS_SHOWN = "withdrawn_at is null and shown_until > now()";

  /** With who announced it: null if the account was erased. */
  private static final String SELECT =
      """
      select n.*, n.shown_until <= now() as over,
        case when n.account_id is null then 'command line' else a.username end as by
      from server_announcement n
      left join server_account a on a.account_id = n.account_id and a.erased_at is null
      """;

  private final Jdbi jdbi;

  /**
   * What is shown at a time, by the clock of the database.
   *
   * @param announcements the oldest first
   */
  record Shown(Instant time, List<Announcement> announcements) {}

  public Announcements(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Announces something to all users, from now on.
   *
   * @param by null for the command line
   * @param until null for {@link Announcement#DEFAULT_TIME}
   * @return as {@link #list} shows it
   * @throws ApiException {@code bad_request} and {@code too_large} for what cannot be announced;
   *     {@code conflict} if {@link #MOST_SHOWN} are shown already
   */
  public ObjectNode announce(
      @Nullable Account by, String text, Kind kind, @Nullable Instant until) {
    return announce(
        by,
        text,
        kind,
        now -> until == null ? Announcement.usualEnd(now) : Announcement.requireEnd(until, now));
  }

  /** The same, for so long. */
  public ObjectNode announceFor(@Nullable Account by, String text, Kind kind, Duration time) {
    return announce(by, text, kind, now -> Announcement.requireEnd(now.plus(time), now));
  }

  private ObjectNode announce(
      @Nullable Account by, String text, Kind kind, UnaryOperator<Instant> endFrom) {
    String checked = Announcement.requireText(text);
    return jdbi.inTransaction(
        handle -> {
          Instant end = endFrom.apply(now(handle));
          // one at a time, so that two cannot both be the last one; who reads goes on
          handle.execute("lock table server_announcement in share row exclusive mode");
          requireRoom(handle);
          long id =
              handle
                  .createQuery(
                      """
                      insert into server_announcement
                        (text, kind, announced_at, shown_until, account_id)
                      values (:text, :kind, now(), :until, :account) returning announcement_id""")
                  .bind("text", checked)
                  .bind("kind", kind.word())
                  .bind("until", utc(end))
                  .bind("account", by == null ? null : by.id())
                  .mapTo(Long.class)
                  .one();
          return find(handle, id).orElseThrow();
        });
  }

  private static void requireRoom(Handle handle) {
    int shown =
        handle
            .createQuery("select count(*) from server_announcement where " + IS_SHOWN)
            .mapTo(int.class)
            .one();
    if (shown >= MOST_SHOWN) {
      throw ApiException.of(
          ApiError.CONFLICT,
          shown + " announcements are shown, and more are not allowed: withdraw one first");
    }
  }

  /**
   * Withdraws an announcement. Idempotent; one that is over stays as it is.
   *
   * @return as {@link #list} shows it
   * @throws ApiException {@code not_found}
   */
  public ObjectNode withdraw(long id) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  "update server_announcement set withdrawn_at = now()"
                      + " where announcement_id = :id and "
                      + IS_SHOWN)
              .bind("id", id)
              .execute();
          return find(handle, id)
              .orElseThrow(
                  () -> ApiException.of(ApiError.NOT_FOUND, "there is no announcement " + id));
        });
  }

  /**
   * The announcements, the newest first.
   *
   * @param before only those with a lower id
   */
  public ObjectNode list(long before, int limit) {
    List<ObjectNode> found =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        SELECT
                            + " where n.announcement_id < :before"
                            + " order by n.announcement_id desc limit :limit")
                    .bind("before", before)
                    .bind("limit", limit + 1)
                    .map((row, context) -> forOperators(row))
                    .list());
    ObjectNode reply = JsonObjects.object();
    ArrayNode list = reply.putArray("announcements");
    found.stream().limit(limit).forEach(list::add);
    return reply.put("has_more", found.size() > limit);
  }

  /** Those that are shown now, the oldest first. */
  Shown shown() {
    List<Announcement> shown = new ArrayList<>();
    return jdbi.withHandle(
        handle ->
            new Shown(
                handle
                    .createQuery(
                        "select now() as read_at, n.* from (select) one"
                            + " left join server_announcement n on "
                            + IS_SHOWN
                            + " order by n.announcement_id")
                    .map(
                        (row, context) -> {
                          if (row.getObject("announcement_id") != null) {
                            shown.add(read(row));
                          }
                          return time(row, "read_at");
                        })
                    .list()
                    .get(0),
                shown));
  }

  /** The same throughout a transaction. */
  private static Instant now(Handle handle) {
    return handle.createQuery("select now()").mapTo(OffsetDateTime.class).one().toInstant();
  }

  private static Optional<ObjectNode> find(Handle handle, long id) {
    return handle
        .createQuery(SELECT + " where n.announcement_id = :id")
        .bind("id", id)
        .map((row, context) -> forOperators(row))
        .findOne();
  }

  private static Announcement read(ResultSet row) throws SQLException {
    return new Announcement(
        row.getLong("announcement_id"),
        row.getString("text"),
        Kind.of(row.getString("kind")),
        time(row, "announced_at"),
        time(row, "shown_until"));
  }

  private static ObjectNode forOperators(ResultSet row) throws SQLException {
    Announcement announcement = read(row);
    boolean withdrawn = row.getObject("withdrawn_at") != null;
    String state = withdrawn ? "withdrawn" : row.getBoolean("over") ? "over" : "shown";
    return announcement
        .json()
        .put("state", state)
        .put("by", row.getString("by"))
        .put("withdrawn_at", withdrawn ? JsonObjects.time(time(row, "withdrawn_at")) : null);
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private static OffsetDateTime utc(Instant time) {
    return OffsetDateTime.ofInstant(time, ZoneOffset.UTC);
  }
}
