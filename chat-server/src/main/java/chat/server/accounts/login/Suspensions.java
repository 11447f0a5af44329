package chat.server.accounts.login;

import chat.server.accounts.Account;
import chat.server.accounts.Administrators;
import chat.server.json.ApiException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Keeps users out for a time or for good. Their logins, tickets and tokens end, every call and
 * every new socket is refused, and the sockets that are open close within a second, on every node:
 * each asks the database who was suspended. What a bot is saying ends as well. Thread-safe; blocks.
 */
public final class Suspensions {
  private final Jdbi jdbi;

  public Suspensions(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Suspends an account, or changes for how long and why.
   *
   * @param until null for good
   * @param reason for operators only
   * @throws ApiException {@code bad_request} if that time is over; {@code conflict} for the last
   *     administrator
   */
  public void suspend(Account account, @Nullable Instant until, String reason) {
    OffsetDateTime end = until == null ? null : OffsetDateTime.ofInstant(until, ZoneOffset.UTC);
    jdbi.useTransaction(
        handle -> {
          requireFuture(handle, end);
          Administrators.requireAnother(handle, account);
          handle
              .createUpdate(
                  """
                  update server_account
                  set suspended_at = now(), suspended_until = :until, suspended_reason = :reason
                  where account_id = :account and erased_at is null""")
              .bind("until", end)
              .bind("reason", reason)
              .bind("account", account.id())
              .execute();
          LoginList.endAll(handle, account.id());
        });
  }

  private static void requireFuture(Handle handle, @Nullable OffsetDateTime end) {
    if (end != null
        && !handle.createQuery("select :end > now()").bind("end", end).mapTo(boolean.class).one()) {
      throw ApiException.badRequest("until must be in the future");
    }
  }

  /** Lets the user in again; logins that the suspension ended do not come back. Idempotent. */
  public void lift(Account account) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    update server_account
                    set suspended_at = null, suspended_until = null, suspended_reason = null
                    where account_id = :account""")
                .bind("account", account.id())
                .execute());
  }
}
