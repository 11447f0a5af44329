package chat.server.accounts.login;

import chat.server.accounts.Accounts;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/**
 * Accounts of people who sign on elsewhere. They are found by issuer and subject, never by name: a
 * local account cannot be taken over by a token that happens to carry its name. Thread-safe;
 * blocks.
 */
public final class ExternalAccounts {
  private final Jdbi jdbi;
  private final ExternalIssuer issuer;
  private final boolean provision;

  /**
   * @param provision whether a user who is seen for the first time gets an account
   */
  public ExternalAccounts(Jdbi jdbi, ExternalIssuer issuer, boolean provision) {
    this.jdbi = jdbi;
    this.issuer = issuer;
    this.provision = provision;
  }

  /** Whether a token says that it is the issuer's; nothing is checked. */
  boolean issued(String token) {
    return issuer.issued(token);
  }

  /**
   * @throws ApiException {@code unauthorized} for a token that is not good; {@code forbidden} for a
   *     user without an account, who can come in with no other token either; {@code unavailable} if
   *     the issuer's keys cannot be fetched
   */
  Identity verify(String token) {
    ExternalIssuer.Person person = issuer.verify(token);
    return find(person)
        .or(() -> provision ? create(person) : Optional.empty())
        .orElseThrow(
            () ->
                ApiException.of(
                    ApiError.FORBIDDEN,
                    provision
                        ? "the username is another account's, or cannot be one"
                        : "this user has no account here"));
  }

  private Optional<Identity> find(ExternalIssuer.Person person) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select a.account_id, a.username, a.email, l.login_id
                    from server_account a
                    join server_login l on l.account_id = a.account_id and l.refresh_hash is null
                    where a.issuer = :issuer and a.subject = :subject""")
                .bind("issuer", person.issuer())
                .bind("subject", person.subject())
                .map(
                    (row, context) ->
                        new Identity(Accounts.read(row), row.getObject("login_id", UUID.class)))
                .findOne());
  }

  /**
   * An account at first sight; of several who try at once, all get the same.
   *
   * @return empty if the username is taken or none that this server takes
   */
  private Optional<Identity> create(ExternalIssuer.Person person) {
    String username = Accounts.normal(person.username());
    if (!Accounts.isUsername(username)) {
      return Optional.empty();
    }
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    with made as (
                      insert into server_account (username, email, issuer, subject)
                      values (
                        :username,
                        case when not exists (
                          select from server_account where lower(email) = lower(:email))
                        then :email end,
                        :issuer, :subject)
                      on conflict do nothing
                      returning account_id)
                    insert into server_login (login_id, account_id)
                    select :login, account_id from made""")
                .bind("username", username)
                .bind("email", Accounts.isEmail(person.email()) ? person.email() : null)
                .bind("issuer", person.issuer())
                .bind("subject", person.subject())
                .bind("login", UUID.randomUUID())
                .execute());
    return find(person);
  }
}
