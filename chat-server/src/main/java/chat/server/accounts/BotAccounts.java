package chat.server.accounts;

import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * The accounts of bots: users without a password and without an address, who come in nowhere.
 * Thread-safe; blocks.
 */
public final class BotAccounts {
  /** Stands where the issuer of tokens of other accounts does. */
  public static final String ISSUER = "chat-server/bot";

  private final Jdbi jdbi;

  public BotAccounts(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Makes the account of a bot if there is none.
   *
   * @return the username as it is kept
   * @throws IllegalArgumentException if the name cannot be one, or is that of a user
   */
  public String ensure(String username) {
    String name = Accounts.requireUsername(username);
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into server_account (username, issuer, subject)
                    values (:name, :issuer, lower(:name)) on conflict do nothing""")
                .bind("name", name)
                .bind("issuer", ISSUER)
                .execute());
    Optional<String> kept =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select username from server_account
                        where lower(username) = lower(:name) and issuer = :issuer and erased_at is null""")
                    .bind("name", name)
                    .bind("issuer", ISSUER)
                    .mapTo(String.class)
                    .findOne());
    return kept.orElseThrow(
        () ->
            new IllegalArgumentException(
                "a bot cannot be called " + name + ": that is a user's name"));
  }
}
