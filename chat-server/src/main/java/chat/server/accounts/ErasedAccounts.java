package chat.server.accounts;

import chat.engine.ChatApplication;
import chat.engine.UserId;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Erases accounts: first all ways in and everything that is known of the person but the username,
 * in one transaction; then, in the background and on any node, the user of the chat; then the rest.
 * Thread-safe; blocks.
 */
public final class ErasedAccounts {
  /** Begins the names that stand for erased users; nobody can register one. */
  static final String PREFIX = "erased-";

  private static final int RANDOM_BYTES = 8;

  private static final String FORGET_REQUESTS =
      "delete from server_contact_request where account_id = :id or friend_id = :id";

  private final Jdbi jdbi;
  private final Accounts accounts;
  private final ChatApplication chat;
  private final Belongings belongings;
  private final SecureRandom random = new SecureRandom();
  private final Set<Long> underWay = ConcurrentHashMap.newKeySet();

  /** What another feature has of an account. */
  public interface Belongings {
    /** Takes it out of use, in the transaction that begins the erasure or one that ends it. */
    void forget(Handle handle, long accountId);
  }

  private record Erased(long id, UserId user) {}

  /**
   * @param belongings more than once of one account
   */
  public ErasedAccounts(Jdbi jdbi, Accounts accounts, ChatApplication chat, Belongings belongings) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.chat = chat;
    this.belongings = belongings;
  }

  /**
   * Erases the caller's account.
   *
   * @param password null for an account of the external issuer, whose token says enough
   * @param address of the client, if it is known
   * @throws ApiException {@code forbidden} if the password is wrong or missing; {@code
   *     rate_limited} after too many wrong ones; {@code conflict} for the last administrator
   */
  public void erase(Account caller, @Nullable String password, @Nullable String address) {
    boolean allowed =
        isExternal(caller.id())
            || (password != null && accounts.knowsPassword(caller, password, address));
    if (!allowed) {
      throw ApiException.of(ApiError.FORBIDDEN, "the password is wrong");
    }
    erase(caller);
  }

  /**
   * Erases any account, for an operator.
   *
   * @throws ApiException {@code conflict} for the last administrator
   */
  public void erase(Account account) {
    jdbi.useTransaction(
        handle -> {
          Administrators.requireAnother(handle, account);
          belongings.forget(handle, account.id());
          close(handle, account.id());
        });
    eraseUser(new Erased(account.id(), account.userId()));
  }

  /**
   * Closes an account for good; the sweep of any node does the rest.
   *
   * @throws ApiException {@code conflict} for the last administrator
   */
  public static void begin(Jdbi jdbi, Account account) {
    jdbi.useTransaction(
        handle -> {
          Administrators.requireAnother(handle, account);
          close(handle, account.id());
        });
  }

  private boolean isExternal(long id) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select count(*) > 0 from server_account where account_id = :id and issuer is not null")
                .bind("id", id)
                .mapTo(boolean.class)
                .one());
  }

  /** Nobody can come in with this account any more. */
  private static void close(Handle handle, long id) {
    handle
        .createUpdate(
            """
            update server_account
            set erased_at = now(), email = null, issuer = null, subject = null, password_hash = '',
                administrator = false, suspended_at = null, suspended_until = null, suspended_reason = null
            where account_id = :id and erased_at is null""")
        .bind("id", id)
        .execute();
    execute(
        handle,
        "delete from server_ticket where login_id in (select login_id from server_login where account_id = :id)",
        id);
    execute(
        handle,
        """
        with gone as (
          delete from server_contact where account_id = :id or friend_id = :id
          returning account_id, friend_id)
        insert into server_contact_removal (account_id, friend_id)
        select account_id, friend_id from gone order by account_id, friend_id
        on conflict (account_id, friend_id) do update set removed_at = excluded.removed_at""",
        id);
    execute(handle, FORGET_REQUESTS, id);
    execute(
        handle,
        "update server_login set revoked_at = coalesce(revoked_at, now()), address = null, user_agent = null"
            + " where account_id = :id",
        id);
    execute(handle, "update server_audit set origin = 'erased' where actor_id = :id", id);
    execute(
        handle,
        "update server_incoming_webhook set created_by = '"
            + PREFIX
            + "user' where created_by ="
            + " (select username from server_account where account_id = :id)",
        id);
    // behind the logins, whose locks make a registration that is under way come before
    execute(handle, "delete from server_push_device where account_id = :id", id);
  }

  private static void execute(Handle handle, String sql, long id) {
    handle.createUpdate(sql).bind("id", id).execute();
  }

  /** Goes on with what is not done, whichever node began it. */
  public void sweep() {
    jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select account_id, username from server_account where erased_at is not null"
                            + " order by erased_at limit 16")
                    .map((row, context) -> new Erased(row.getLong(1), UserId.of(row.getString(2))))
                    .list())
        .forEach(this::eraseUser);
  }

  private void eraseUser(Erased account) {
    if (!underWay.add(account.id())) {
      return;
    }
    CompletableFuture<Void> erased = chat.eraseUser(account.user(), replacement());
    var unused =
        erased
            .thenRun(() -> delete(account.id()))
            // what fails is tried again by the next sweep, of any node
            .whenComplete((done, fault) -> underWay.remove(account.id()));
  }

  private UserId replacement() {
    byte[] name = new byte[RANDOM_BYTES];
    random.nextBytes(name);
    return UserId.of(PREFIX + HexFormat.of().formatHex(name));
  }

  /** The username is free then. */
  private void delete(long id) {
    jdbi.useTransaction(
        handle -> {
          belongings.forget(handle, id);
          for (String sql :
              List.of(
                  "delete from server_ticket where login_id in (select login_id from server_login where account_id = :id)",
                  "delete from server_login where account_id = :id",
                  FORGET_REQUESTS,
                  "delete from server_contact where account_id = :id or friend_id = :id",
                  "delete from server_contact_removal where account_id = :id or friend_id = :id",
                  "delete from server_account where account_id = :id and erased_at is not null")) {
            execute(handle, sql, id);
          }
        });
  }
}
