package chat.server.accounts;

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

  public ExternalAccounts(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  Optional<Identity> find(ExternalIssuer.Person person) {
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
  Optional<Identity> create(ExternalIssuer.Person person) {
    if (!Accounts.isUsername(person.username())) {
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
                .bind("username", person.username())
                .bind("email", Accounts.isEmail(person.email()) ? person.email() : null)
                .bind("issuer", person.issuer())
                .bind("subject", person.subject())
                .bind("login", UUID.randomUUID())
                .execute());
    return find(person);
  }
}
