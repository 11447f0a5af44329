package chat.server.accounts;

import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Logins: each has a refresh token that changes with every use, and hands out access tokens and
 * one-time tickets. Who presents a refresh token that was replaced before has stolen it, or was
 * stolen from: the login ends, except within a short grace for a reply that got lost on its way
 * (RFC 9700, section 4.14.2). Thread-safe; blocks.
 */
public final class Logins {
  private static final Duration REUSE_GRACE = Duration.ofSeconds(10);

  private final Jdbi jdbi;
  private final Accounts accounts;
  private final AccessTokens accessTokens;
  private final Secrets secrets = new Secrets();
  private final Duration refreshLifetime;
  private final Duration ticketLifetime;
  private final InstantSource clock;

  /** What a client gets to stay logged in. */
  public record Grant(
      Identity identity,
      AccessTokens.AccessToken access,
      String refreshToken,
      Instant refreshExpiresAt) {}

  /** Opens one WebSocket connection, once. */
  public record Ticket(String otp, Instant expiresAt) {}

  public Logins(
      Jdbi jdbi,
      Accounts accounts,
      AccessTokens accessTokens,
      Duration refreshLifetime,
      Duration ticketLifetime,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.accessTokens = accessTokens;
    this.refreshLifetime = refreshLifetime;
    this.ticketLifetime = ticketLifetime;
    this.clock = clock;
  }

  /** The key for access tokens that all nodes of this database share; the first one makes it. */
  public static byte[] sharedKey(Jdbi jdbi) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  "insert into server_secret (name, value) values ('access-token-key', :key)"
                      + " on conflict do nothing")
              .bind("key", new Secrets().bytes())
              .execute();
          return handle
              .createQuery("select value from server_secret where name = 'access-token-key'")
              .mapTo(byte[].class)
              .one();
        });
  }

  /**
   * @throws ApiException {@code unauthorized}
   */
  public Grant logIn(String email, String password) {
    Account account = accounts.authenticate(email, password);
    UUID login = UUID.randomUUID();
    String refresh = secrets.token();
    Instant expiry = clock.instant().plus(refreshLifetime);
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "insert into server_login (login_id, account_id, refresh_hash, expires_at)"
                        + " values (:login, :account, :hash, :expiry)")
                .bind("login", login)
                .bind("account", account.id())
                .bind("hash", Secrets.hash(refresh))
                .bind("expiry", sqlTime(expiry))
                .execute());
    Identity identity = new Identity(account, login);
    return new Grant(identity, accessTokens.issue(identity), refresh, expiry);
  }

  private record Found(
      Identity identity, boolean current, Instant rotatedAt, Instant expiresAt, boolean revoked) {}

  /**
   * A new access token and a new refresh token; the old one is worth nothing from now on.
   *
   * @throws ApiException {@code unauthorized} for a token that is unknown, expired, revoked or was
   *     used before
   */
  public Grant refresh(String refreshToken) {
    String next = secrets.token();
    Instant now = clock.instant();
    Instant expiry = now.plus(refreshLifetime);
    Found found =
        jdbi.inTransaction(
            handle -> {
              Found login = find(handle, Secrets.hash(refreshToken));
              if (login.revoked() || now.isAfter(login.expiresAt())) {
                throw ApiException.unauthorized("this login has ended");
              }
              if (!login.current() && now.isAfter(login.rotatedAt().plus(REUSE_GRACE))) {
                revoke(handle, login.identity().login());
                return login;
              }
              rotate(handle, login, Secrets.hash(next), Secrets.hash(refreshToken), expiry);
              return login;
            });
    if (!found.current() && now.isAfter(found.rotatedAt().plus(REUSE_GRACE))) {
      throw ApiException.unauthorized("this refresh token was used before; the login has ended");
    }
    return new Grant(found.identity(), accessTokens.issue(found.identity()), next, expiry);
  }

  private static Found find(Handle handle, byte[] hash) {
    return handle
        .createQuery(
            """
            select a.account_id, a.username, a.email, l.login_id, l.rotated_at, l.expires_at,
                   l.refresh_hash = :hash as current, l.revoked_at is not null as revoked
            from server_login l join server_account a using (account_id)
            where l.refresh_hash = :hash or l.previous_refresh_hash = :hash
            for update of l""")
        .bind("hash", hash)
        .map(
            (row, context) ->
                new Found(
                    new Identity(Accounts.read(row), row.getObject("login_id", UUID.class)),
                    row.getBoolean("current"),
                    row.getObject("rotated_at", OffsetDateTime.class).toInstant(),
                    row.getObject("expires_at", OffsetDateTime.class).toInstant(),
                    row.getBoolean("revoked")))
        .findOne()
        .orElseThrow(() -> ApiException.unauthorized("the refresh token is not valid"));
  }

  private void rotate(Handle handle, Found login, byte[] next, byte[] used, Instant expiry) {
    // Within the grace the old token stays the previous one and its clock runs on, so that it
    // cannot be used for ever by being used often.
    handle
        .createUpdate(
            """
            update server_login
            set refresh_hash = :next, previous_refresh_hash = :used, expires_at = :expiry,
                rotated_at = case when :current then :now else rotated_at end
            where login_id = :login""")
        .bind("next", next)
        .bind("used", used)
        .bind("expiry", sqlTime(expiry))
        .bind("current", login.current())
        .bind("now", sqlTime(clock.instant()))
        .bind("login", login.identity().login())
        .execute();
  }

  private void revoke(Handle handle, UUID login) {
    handle
        .createUpdate(
            "update server_login set revoked_at = coalesce(revoked_at, now())"
                + " where login_id = :login")
        .bind("login", login)
        .execute();
    handle
        .createUpdate("delete from server_ticket where login_id = :login")
        .bind("login", login)
        .execute();
  }

  /**
   * Ends the login of a refresh token; its tickets and tokens with it.
   *
   * @throws ApiException {@code unauthorized} for a token that is not valid
   */
  public Identity logOut(String refreshToken) {
    return jdbi.inTransaction(
        handle -> {
          Found login = find(handle, Secrets.hash(refreshToken));
          revoke(handle, login.identity().login());
          return login.identity();
        });
  }

  /**
   * @throws ApiException {@code unauthorized} if the login has ended
   */
  public Ticket ticket(Identity identity) {
    String otp = secrets.token();
    Instant expiry = clock.instant().plus(ticketLifetime);
    int written =
        jdbi.withHandle(
            handle ->
                handle
                    .createUpdate(
                        """
                        insert into server_ticket (ticket_hash, login_id, expires_at)
                        select :hash, login_id, :expiry from server_login
                        where login_id = :login and revoked_at is null""")
                    .bind("hash", Secrets.hash(otp))
                    .bind("login", identity.login())
                    .bind("expiry", sqlTime(expiry))
                    .execute());
    if (written == 0) {
      throw ApiException.unauthorized("this login has ended");
    }
    return new Ticket(otp, expiry);
  }

  /**
   * Takes a ticket in exchange for the identity that it was made for; of many who try at once, one
   * succeeds.
   *
   * @throws ApiException {@code unauthorized} for a ticket that is unknown, used, expired or not
   *     this user's
   */
  public Identity redeem(String otp, String username) {
    return jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        delete from server_ticket t
                        using server_login l, server_account a
                        where t.ticket_hash = :hash and t.expires_at > :now
                          and l.login_id = t.login_id and l.revoked_at is null
                          and a.account_id = l.account_id and a.username = :username
                        returning a.account_id, a.username, a.email, l.login_id""")
                    .bind("hash", Secrets.hash(otp))
                    .bind("now", sqlTime(clock.instant()))
                    .bind("username", username)
                    .map(
                        (row, context) ->
                            new Identity(Accounts.read(row), row.getObject("login_id", UUID.class)))
                    .findOne())
        .orElseThrow(() -> ApiException.unauthorized("the ticket is not valid"));
  }

  /** Which of the logins have ended, by whatever node. */
  public Set<UUID> ended(Collection<UUID> logins) {
    List<UUID> ended =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select login_id from server_login"
                            + " where login_id = any(:logins) and revoked_at is not null")
                    .bindArray("logins", UUID.class, logins)
                    .mapTo(UUID.class)
                    .list());
    return Set.copyOf(ended);
  }

  /** Removes tickets that nobody used in time. */
  public int sweepTickets() {
    return jdbi.withHandle(
        handle ->
            handle
                .createUpdate("delete from server_ticket where expires_at < :now")
                .bind("now", sqlTime(clock.instant()))
                .execute());
  }

  private static OffsetDateTime sqlTime(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
