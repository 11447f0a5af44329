package chat.server.contacts;

import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Who has asked whom to become a contact, and has no answer yet. Thread-safe; blocks. The methods
 * that take a handle are part of a transaction in which the pair is locked.
 */
public final class ContactRequests {
  /** Of one user, sent and without an answer. */
  public static final int MAX_SENT = 200;

  /** To one user. */
  public static final int MAX_RECEIVED = 1_000;

  private final Jdbi jdbi;

  public ContactRequests(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * @param other who asked, of those received, or who was asked, of those sent
   */
  public record Request(Account other, Instant at) {}

  /** Requests to the account, the last one first. */
  public List<Request> received(Account account) {
    return list("friend_id", "account_id", account, MAX_RECEIVED);
  }

  /** Requests of the account, the last one first. */
  public List<Request> sent(Account account) {
    return list("account_id", "friend_id", account, MAX_SENT);
  }

  private List<Request> list(String own, String other, Account account, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select "
                        + Accounts.COLUMNS
                        + ", r.requested_at from server_contact_request r"
                        + " join server_account a on a.account_id = r."
                        + other
                        + " where r."
                        + own
                        + " = :account order by r.requested_at desc, a.username limit :limit")
                .bind("account", account.id())
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Request(
                            Accounts.read(row),
                            row.getObject("requested_at", OffsetDateTime.class).toInstant()))
                .list());
  }

  boolean has(Handle handle, Account from, Account to) {
    return handle
        .createQuery(
            "select exists (select from server_contact_request"
                + " where account_id = :from and friend_id = :to)")
        .bind("from", from.id())
        .bind("to", to.id())
        .mapTo(Boolean.class)
        .one();
  }

  /**
   * Idempotent.
   *
   * @return whether it is new
   * @throws ApiException {@code too_large} if one of the two has too many
   */
  boolean add(Handle handle, Account from, Account to) {
    if (has(handle, from, to)) {
      return false;
    }
    if (count(handle, "account_id", from) >= MAX_SENT) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "at most " + MAX_SENT + " of your requests can wait for an answer");
    }
    if (count(handle, "friend_id", to) >= MAX_RECEIVED) {
      throw ApiException.of(ApiError.TOO_LARGE, to.username() + " has too many requests");
    }
    handle
        .createUpdate(
            "insert into server_contact_request (account_id, friend_id) values (:from, :to)")
        .bind("from", from.id())
        .bind("to", to.id())
        .execute();
    return true;
  }

  private static int count(Handle handle, String column, Account account) {
    return handle
        .createQuery("select count(*) from server_contact_request where " + column + " = :account")
        .bind("account", account.id())
        .mapTo(Integer.class)
        .one();
  }

  /** In both directions; false if there was none. */
  boolean end(Handle handle, Account one, Account other) {
    return handle
            .createUpdate(
                """
                delete from server_contact_request
                where (account_id = :one and friend_id = :other)
                   or (account_id = :other and friend_id = :one)""")
            .bind("one", one.id())
            .bind("other", other.id())
            .execute()
        > 0;
  }
}
