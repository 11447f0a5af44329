package chat.server.admin;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.Administrators;
import chat.server.accounts.login.LoginList;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists of users, what is known of one, and who is an administrator. Thread-safe; blocks. */
final class UserAdministration {
  private static final int MOST_CONVERSATIONS = 1_000;

  /** Behind every character that a name can have. */
  private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

  private static final String SUSPENDED =
      "(a.suspended_at is not null and (a.suspended_until is null or a.suspended_until > now()))";

  private static final String SELECT =
      "select a.*, " + SUSPENDED + " as suspended from server_account a where a.erased_at is null";

  private final Jdbi jdbi;
  private final LoginList logins;

  UserAdministration(Jdbi jdbi, LoginList logins) {
    this.jdbi = jdbi;
    this.logins = logins;
  }

  /**
   * Users in the order of their names in lower case.
   *
   * @param prefix of their names, in whatever case
   * @param after the last name of the page before; empty for the first page
   */
  ObjectNode list(String prefix, String after, int limit) {
    String from = prefix.toLowerCase(Locale.ROOT);
    List<ObjectNode> users =
        jdbi.withHandle(
            handle ->
                handle
                    // a range of the index on the name in lower case
                    .createQuery(
                        SELECT
                            + """
                               and lower(a.username) collate "C" >= :from
                               and lower(a.username) collate "C" < :end
                               and lower(a.username) collate "C" > :after
                              order by lower(a.username) collate "C" limit :limit""")
                    .bind("from", from)
                    .bind("end", from + LAST)
                    .bind("after", after.toLowerCase(Locale.ROOT))
                    .bind("limit", limit + 1)
                    .map((row, context) -> summary(row))
                    .list());
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("users");
    users.stream().limit(limit).forEach(array::add);
    return reply.put("has_more", users.size() > limit);
  }

  private static ObjectNode summary(ResultSet row) throws SQLException {
    return JsonObjects.object()
        .put("id", row.getString("account_id"))
        .put("username", row.getString("username"))
        .put("email", row.getString("email"))
        .put("created_at", time(row, "created_at"))
        .put("administrator", row.getBoolean("administrator"))
        .put("suspended", row.getBoolean("suspended"));
  }

  static @Nullable String time(ResultSet row, String column) throws SQLException {
    OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
    return at == null ? null : JsonObjects.time(at.toInstant());
  }

  /** What there is of one user: never a password or a token. */
  ObjectNode show(Account account) {
    ObjectNode user =
        jdbi.withHandle(
                handle ->
                    handle
                        .createQuery(SELECT + " and a.account_id = :id")
                        .bind("id", account.id())
                        .map((row, context) -> detail(row))
                        .findOne())
            .orElseThrow(() -> ApiException.of(ApiError.NOT_FOUND, "the user was erased"));
    ArrayNode array = user.putArray("logins");
    logins.of(account).forEach(login -> array.add(login.json()));
    ArrayNode conversations = user.putArray("conversations");
    jdbi.useHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select c.conversation_id, c.kind, c.name, m.role,
                           case m.user_id when c.peer_low then c.peer_high else c.peer_low end as peer
                    from chat_members m join chat_conversations c using (conversation_id)
                    where m.user_id = :user order by c.conversation_id limit :limit""")
                .bind("user", account.username())
                .bind("limit", MOST_CONVERSATIONS)
                .map((row, context) -> conversation(row))
                .forEach(conversations::add));
    return user;
  }

  private static ObjectNode detail(ResultSet row) throws SQLException {
    ObjectNode user = summary(row).put("issuer", row.getString("issuer"));
    if (row.getBoolean("suspended")) {
      user.putObject("suspension")
          .put("since", time(row, "suspended_at"))
          .put("until", time(row, "suspended_until"))
          .put("reason", row.getString("suspended_reason"));
    } else {
      user.putNull("suspension");
    }
    return user;
  }

  private static ObjectNode conversation(ResultSet row) throws SQLException {
    return JsonObjects.object()
        .put("conversation_id", row.getString("conversation_id"))
        .put("kind", ConversationAdministration.kind(row))
        .put("name", row.getString("name"))
        .put("peer", row.getString("peer"))
        .put("role", ConversationAdministration.role(row));
  }

  boolean isAdministrator(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select exists (select from server_account where account_id = :id and administrator)")
                .bind("id", account.id())
                .mapTo(boolean.class)
                .one());
  }

  void makeAdministrator(Account account) {
    jdbi.useHandle(handle -> set(handle, account, true));
  }

  /**
   * @throws ApiException {@code conflict} if nobody else is one
   */
  void unmakeAdministrator(Account account) {
    jdbi.useTransaction(
        handle -> {
          Administrators.requireAnother(handle, account);
          set(handle, account, false);
        });
  }

  private static void set(Handle handle, Account account, boolean administrator) {
    handle
        .createUpdate(
            "update server_account set administrator = :administrator"
                + " where account_id = :id and erased_at is null")
        .bind("administrator", administrator)
        .bind("id", account.id())
        .execute();
  }
}
