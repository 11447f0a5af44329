package chat.server.accounts.login;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where users are logged in, and the end of logins other than by their refresh token. The sockets
 * of a login that ends here close within a second, on every node. Thread-safe; blocks.
 */
public final class LoginList {
  private final Jdbi jdbi;

  public LoginList(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * A login that is in force.
   *
   * @param createdAt null for one that an older version of the server made
   * @param usedAt when its refresh token was used last
   * @param address from which it was made, if that is known
   * @param userAgent what the client called itself, if it did
   */
  public record Entry(
      UUID login,
      @Nullable Instant createdAt,
      Instant usedAt,
      @Nullable String address,
      @Nullable String userAgent) {

    /** As its owner and operators see it. */
    public ObjectNode json() {
      return JsonObjects.object()
          .put("id", login.toString())
          .put("created_at", createdAt == null ? null : JsonObjects.time(createdAt))
          .put("used_at", JsonObjects.time(usedAt))
          .put("address", address)
          .put("user_agent", userAgent);
    }
  }

  /** The logins of an account that are in force, the one used last first. */
  public List<Entry> of(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select login_id, created_at, rotated_at, address, user_agent
                    from server_login
                    where account_id = :account and revoked_at is null
                      and (expires_at is null or expires_at > now())
                    order by rotated_at desc, login_id""")
                .bind("account", account.id())
                .map((row, context) -> read(row))
                .list());
  }

  private static Entry read(ResultSet row) throws SQLException {
    OffsetDateTime created = row.getObject("created_at", OffsetDateTime.class);
    return new Entry(
        row.getObject("login_id", UUID.class),
        created == null ? null : created.toInstant(),
        row.getObject("rotated_at", OffsetDateTime.class).toInstant(),
        row.getString("address"),
        row.getString("user_agent"));
  }

  /**
   * Ends one login of an account.
   *
   * @throws ApiException {@code not_found} if the account has none of this id
   */
  public void end(Account account, UUID login) {
    int ended = jdbi.inTransaction(handle -> end(handle, account.id(), login, null));
    if (ended == 0) {
      throw ApiException.of(ApiError.NOT_FOUND, "there is no such login");
    }
  }

  /** Ends all logins of an account but one. */
  public int endOthers(Identity kept) {
    return jdbi.inTransaction(handle -> end(handle, kept.account().id(), null, kept.login()));
  }

  /** Ends all logins of an account. */
  public int endAll(Account account) {
    return jdbi.inTransaction(handle -> endAll(handle, account.id()));
  }

  /** The same in a transaction of the caller. */
  static int endAll(Handle handle, long account) {
    return end(handle, account, null, null);
  }

  /**
   * The one login of an account of another sign-on service gets a successor: that service says who
   * may come in, and to keep its user out there is the suspension.
   *
   * @param only null for all logins
   * @param kept null for none
   */
  private static int end(Handle handle, long account, @Nullable UUID only, @Nullable UUID kept) {
    List<UUID> ended =
        handle
            .createQuery(
                """
                with chosen as (
                  select login_id, refresh_hash is null as external
                  from server_login
                  where account_id = :account and revoked_at is null
                    and (cast(:only as uuid) is null or login_id = cast(:only as uuid))
                    and (cast(:kept as uuid) is null or login_id <> cast(:kept as uuid))
                  for update),
                ended as (
                  update server_login l
                  set revoked_at = now(), refresh_hash = coalesce(l.refresh_hash, '')
                  from chosen c where c.login_id = l.login_id
                  returning l.login_id, c.external)
                select login_id from ended order by external""")
            .bind("account", account)
            .bind("only", only)
            .bind("kept", kept)
            .mapTo(UUID.class)
            .list();
    for (UUID login : ended) {
      handle
          .createUpdate("delete from server_ticket where login_id = :login")
          .bind("login", login)
          .execute();
    }
    handle
        .createUpdate(
            """
            insert into server_login (login_id, account_id)
            select :login, a.account_id from server_account a
            where a.account_id = :account and a.issuer is not null
              and exists (
                select from server_login l
                where l.account_id = a.account_id and l.refresh_hash = '' and l.revoked_at = now())
            on conflict do nothing""")
        .bind("login", UUID.randomUUID())
        .bind("account", account)
        .execute();
    return ended.size();
  }
}
