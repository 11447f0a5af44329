package chat.server.accounts;

import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Who knows whom: always both ways. Thread-safe; blocks. */
public final class Contacts {
  private final Jdbi jdbi;
  private final Accounts accounts;

  public Contacts(Jdbi jdbi, Accounts accounts) {
    this.jdbi = jdbi;
    this.accounts = accounts;
  }

  /**
   * What became of an addition or a removal.
   *
   * @param at when it was made; null if it was so before
   */
  public record Change(Account friend, @Nullable Instant at) {}

  /**
   * Idempotent.
   *
   * @throws ApiException {@code not_found} for an unknown user, {@code bad_request} for oneself
   */
  public Change add(Account account, String friendUsername) {
    Account friend = accounts.named(friendUsername);
    if (friend.id() == account.id()) {
      throw ApiException.badRequest("you are not your own contact");
    }
    return change(
        account,
        friend,
        // in the same order on both sides: or two who add each other would wait for one another
        """
        insert into server_contact (account_id, friend_id)
        values (:low, :high), (:high, :low)
        on conflict do nothing
        returning since""");
  }

  /**
   * Both lose each other. Idempotent; the conversations that they share stay.
   *
   * @throws ApiException {@code not_found} for an unknown user
   */
  public Change remove(Account account, String friendUsername) {
    return change(
        account,
        accounts.named(friendUsername),
        """
        with gone as (
          delete from server_contact
          where (account_id = :low and friend_id = :high)
             or (account_id = :high and friend_id = :low)
          returning account_id, friend_id)
        insert into server_contact_removal (account_id, friend_id)
        select account_id, friend_id from gone order by account_id
        on conflict (account_id, friend_id) do update set removed_at = excluded.removed_at
        returning removed_at""");
  }

  private Change change(Account account, Account friend, String sql) {
    List<Instant> times =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(sql)
                    .bind("low", Math.min(account.id(), friend.id()))
                    .bind("high", Math.max(account.id(), friend.id()))
                    .map((row, context) -> row.getObject(1, OffsetDateTime.class).toInstant())
                    .list());
    return new Change(friend, times.isEmpty() ? null : times.get(0));
  }

  /**
   * One of the two directions of a contact that has begun or ended.
   *
   * @param account who sees the friend's presence from then on, or no longer
   * @param at when
   */
  public record Sight(Account account, long friendId, Instant at) {}

  /** What began or ended within the last so much time, by whatever node. */
  public Set<Sight> changedWithin(Duration time) {
    List<Sight> changed =
        jdbi.withHandle(
            handle ->
                handle
                    // the indexes on the times find them, however many contacts there are
                    .createQuery(
                        """
                        with changed as (
                          select account_id, friend_id, since as at from server_contact
                          where since > now() - :millis * interval '1 millisecond'
                          union all
                          select account_id, friend_id, removed_at from server_contact_removal
                          where removed_at > now() - :millis * interval '1 millisecond')
                        select a.account_id, a.username, a.email, c.friend_id, c.at
                        from changed c join server_account a on a.account_id = c.account_id""")
                    .bind("millis", time.toMillis())
                    .map(
                        (row, context) ->
                            new Sight(
                                Accounts.read(row),
                                row.getLong("friend_id"),
                                row.getObject("at", OffsetDateTime.class).toInstant()))
                    .list());
    return Set.copyOf(changed);
  }

  /** Deletes what tells of removals that every node has long seen. */
  public void sweepRemovals() {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "delete from server_contact_removal where removed_at < now() - interval '1 day'"));
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
