package chat.server.contacts;

import chat.engine.UserId;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Who knows whom: always both ways. What changes between two users is done one after the other, on
 * all nodes. Thread-safe; blocks.
 */
public final class Contacts {
  /** Of one user. */
  public static final int MAX_CONTACTS = 10_000;

  private static final String INSERT =
      // in the same order on both sides: or two who add each other would wait for one another
      """
      insert into server_contact (account_id, friend_id)
      values (:low, :high), (:high, :low)
      on conflict do nothing
      returning since""";

  private static final String DELETE =
      """
      with gone as (
        delete from server_contact
        where (account_id = :low and friend_id = :high)
           or (account_id = :high and friend_id = :low)
        returning account_id, friend_id)
      insert into server_contact_removal (account_id, friend_id)
      select account_id, friend_id from gone order by account_id
      on conflict (account_id, friend_id) do update set removed_at = excluded.removed_at
      returning removed_at""";

  /** Requests leave no other trace by which nodes could see that they came or went. */
  private static final String NOTE_REQUEST =
      """
      insert into server_contact_removal (account_id, friend_id)
      values (:low, :high), (:high, :low)
      on conflict (account_id, friend_id) do update set removed_at = excluded.removed_at""";

  /** Until the transaction ends nobody else changes anything between the two. */
  private static final String LOCK_PAIR =
      "select pg_advisory_xact_lock(hashtextextended('contact ' || :low || ' ' || :high, 0))";

  private final Jdbi jdbi;
  private final Accounts accounts;
  private final ContactRequests requests;
  private final ContactPolicy policy;

  public Contacts(Jdbi jdbi, Accounts accounts, ContactRequests requests, ContactPolicy policy) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.requests = requests;
    this.policy = policy;
  }

  /**
   * What became of an addition or a removal.
   *
   * @param at when they became contacts, or ceased to be; null if it was so before, and for a
   *     request
   * @param requested whether the other one has to accept before they are contacts
   */
  public record Change(Account friend, @Nullable Instant at, boolean requested) {}

  /**
   * Makes them contacts; or asks the other one, where the policy wants that and the other one has
   * not asked before. Idempotent. Of two who add each other at the same time both become contacts.
   *
   * @throws ApiException {@code not_found} for an unknown user, {@code bad_request} for oneself,
   *     {@code too_large} if one of the two has too many contacts or requests
   */
  public Change add(Account account, String friendUsername) {
    Account friend = accounts.named(friendUsername);
    if (friend.id() == account.id()) {
      throw ApiException.badRequest("you are not your own contact");
    }
    return locked(
        account,
        friend,
        handle -> {
          boolean asks =
              policy == ContactPolicy.REQUEST
                  && !requests.has(handle, friend, account)
                  && !areContacts(handle, account, friend);
          if (asks) {
            if (requests.add(handle, account, friend)) {
              noteRequest(handle, account, friend);
            }
            return new Change(friend, null, true);
          }
          requests.end(handle, account, friend);
          requireRoom(handle, account, friend);
          return new Change(friend, change(handle, account, friend, INSERT), false);
        });
  }

  /**
   * Both lose each other, and what one has asked of the other is declined or taken back.
   * Idempotent; the conversations that they share stay.
   *
   * @throws ApiException {@code not_found} for an unknown user
   */
  public Change remove(Account account, String friendUsername) {
    Account friend = accounts.named(friendUsername);
    return locked(
        account,
        friend,
        handle -> {
          endRequests(handle, account, friend);
          return new Change(friend, change(handle, account, friend, DELETE), false);
        });
  }

  /** What one of the two has asked of the other is declined or taken back. Idempotent. */
  public void endRequests(Account account, Account other) {
    locked(
        account,
        other,
        handle -> {
          endRequests(handle, account, other);
          return true;
        });
  }

  private void endRequests(Handle handle, Account account, Account other) {
    if (requests.end(handle, account, other)) {
      noteRequest(handle, account, other);
    }
  }

  private static void noteRequest(Handle handle, Account account, Account other) {
    handle
        .createUpdate(NOTE_REQUEST)
        .bind("low", Math.min(account.id(), other.id()))
        .bind("high", Math.max(account.id(), other.id()))
        .execute();
  }

  private <T> T locked(Account account, Account friend, HandleCallback<T, RuntimeException> work) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createQuery(LOCK_PAIR)
              .bind("low", Math.min(account.id(), friend.id()))
              .bind("high", Math.max(account.id(), friend.id()))
              .mapTo(String.class)
              .list();
          return work.withHandle(handle);
        });
  }

  private static boolean areContacts(Handle handle, Account account, Account friend) {
    return handle
        .createQuery(
            "select exists (select from server_contact"
                + " where account_id = :account and friend_id = :friend)")
        .bind("account", account.id())
        .bind("friend", friend.id())
        .mapTo(Boolean.class)
        .one();
  }

  /** Two of a user at the same time may exceed the limit by one. */
  private static void requireRoom(Handle handle, Account account, Account friend) {
    if (areContacts(handle, account, friend)) {
      return;
    }
    for (Account one : List.of(account, friend)) {
      int contacts =
          handle
              .createQuery("select count(*) from server_contact where account_id = :account")
              .bind("account", one.id())
              .mapTo(Integer.class)
              .one();
      if (contacts >= MAX_CONTACTS) {
        throw ApiException.of(
            ApiError.TOO_LARGE,
            one.username() + " has " + MAX_CONTACTS + " contacts, which is the most");
      }
    }
  }

  /** The time of the change; null if there is none. */
  private static @Nullable Instant change(
      Handle handle, Account account, Account friend, String sql) {
    List<Instant> times =
        handle
            .createQuery(sql)
            .bind("low", Math.min(account.id(), friend.id()))
            .bind("high", Math.max(account.id(), friend.id()))
            .map((row, context) -> row.getObject(1, OffsetDateTime.class).toInstant())
            .list();
    return times.isEmpty() ? null : times.get(0);
  }

  /**
   * One of the two directions of a contact, or of a request to become one, that has begun or ended.
   *
   * @param account who sees the friend's presence from then on, or no longer, and whose requests
   *     may be others
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

  /** Those of the others who are contacts of the user. */
  public Set<UserId> among(UserId user, Set<UserId> others) {
    return Set.copyOf(
        jdbi.withHandle(
            handle ->
                handle
                    // both accounts by their names, then the contact by its key
                    .createQuery(
                        """
                        select friend.username from server_account me
                        join server_contact c on c.account_id = me.account_id
                        join server_account friend on friend.account_id = c.friend_id
                        where lower(me.username) = lower(:user) and friend.username = any(:others)""")
                    .bind("user", user.value())
                    .bindArray("others", String.class, others.stream().map(UserId::value).toList())
                    .map((row, context) -> UserId.of(row.getString(1)))
                    .list()));
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
