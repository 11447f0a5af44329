package chat.server.accounts;

import chat.server.json.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/** Who knows whom: always both ways. Thread-safe; blocks. */
public final class Contacts {
  private final Jdbi jdbi;
  private final Accounts accounts;

  public Contacts(Jdbi jdbi, Accounts accounts) {
    this.jdbi = jdbi;
    this.accounts = accounts;
  }

  /**
   * @param isNew false if they were contacts before
   */
  public record Added(Account friend, boolean isNew) {}

  /**
   * Idempotent.
   *
   * @throws ApiException {@code not_found} for an unknown user, {@code bad_request} for oneself
   */
  public Added add(Account account, String friendUsername) {
    Account friend = accounts.named(friendUsername);
    if (friend.id() == account.id()) {
      throw ApiException.badRequest("you are not your own contact");
    }
    int written =
        jdbi.withHandle(
            handle ->
                handle
                    // in the same order on both sides: two who add each other would wait for ever
                    .createUpdate(
                        """
                        insert into server_contact (account_id, friend_id)
                        values (:low, :high), (:high, :low)
                        on conflict do nothing""")
                    .bind("low", Math.min(account.id(), friend.id()))
                    .bind("high", Math.max(account.id(), friend.id()))
                    .execute());
    return new Added(friend, written > 0);
  }

  /**
   * One of the two directions of a contact.
   *
   * @param account who sees the friend's presence
   */
  public record Sight(Account account, long friendId) {}

  /** What was added within the last so much time, by whatever node. */
  public Set<Sight> addedWithin(Duration time) {
    List<Sight> added =
        jdbi.withHandle(
            handle ->
                handle
                    // the index on since finds them, however many contacts there are
                    .createQuery(
                        "select c.friend_id, "
                            + Accounts.COLUMNS
                            + " from server_contact c join server_account a using (account_id)"
                            + " where c.since > now() - :millis * interval '1 millisecond'")
                    .bind("millis", time.toMillis())
                    .map((row, context) -> new Sight(Accounts.read(row), row.getLong("friend_id")))
                    .list());
    return Set.copyOf(added);
  }

  /** By username. */
  public List<Account> of(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select "
                        + Accounts.COLUMNS
                        + " from server_contact c join server_account a on a.account_id = c.friend_id"
                        + " where c.account_id = :account order by a.username")
                .bind("account", account.id())
                .map((row, context) -> Accounts.read(row))
                .list());
  }
}
