package chat.server.accounts.login;

import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.database.SharedSecrets;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Logins: each has a refresh token that changes with every use, and hands out access tokens and
 * one-time tickets. Who presents a refresh token that was replaced before has stolen it, or was
 * stolen from: the login ends, except within a short grace for a reply that got lost on its way
 * (RFC 9700, section 4.14.2). All times of logins and tickets are by the clock of the database, so
 * the clock of no node matters to another. Thread-safe; blocks.
 */
public final class Logins {
  private static final Duration REUSE_GRACE = Duration.ofSeconds(30);
  private static final Duration KEPT_AFTER_END = Duration.ofDays(1);
  private static final int MAX_USER_AGENT = 200;

  private final Jdbi jdbi;
  private final Accounts accounts;
  private final AccessTokens accessTokens;
  private final RefreshTokens refreshTokens;
  private final Secrets secrets = new Secrets();
  private final Duration refreshLifetime;
  private final Duration ticketLifetime;

  /** What a client gets to stay logged in. */
  public record Grant(
      Identity identity,
      AccessTokens.AccessToken access,
      String refreshToken,
      Instant refreshExpiresAt) {}

  /** Opens one WebSocket connection, once. */
  public record Ticket(String otp, Instant expiresAt) {}

  /**
   * @param key signs refresh tokens; the same on all nodes
   */
  public Logins(
      Jdbi jdbi,
      Accounts accounts,
      AccessTokens accessTokens,
      byte[] key,
      Duration refreshLifetime,
      Duration ticketLifetime) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.accessTokens = accessTokens;
    this.refreshTokens = new RefreshTokens(key);
    this.refreshLifetime = refreshLifetime;
    this.ticketLifetime = ticketLifetime;
  }

  /** The key for access tokens that all nodes of this database share; the first one makes it. */
  public static byte[] sharedKey(Jdbi jdbi) {
    return SharedSecrets.get(jdbi, "access-token-key", new Secrets()::bytes);
  }

  /**
   * @throws ApiException {@code unauthorized}; {@code forbidden} if the account is suspended
   */
  public Grant logIn(String email, String password) {
    return logIn(email, password, null, null);
  }

  /**
   * The same, and remembers for the list of logins where it came from.
   *
   * @param address of the client, if known
   * @param userAgent what the client calls itself, if it does
   */
  public Grant logIn(
      String email, String password, @Nullable String address, @Nullable String userAgent) {
    Account account = accounts.authenticate(email, password, address);
    UUID login = UUID.randomUUID();
    String refresh = refreshTokens.issue(login);
    Instant expiry =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "insert into server_login"
                            + " (login_id, account_id, refresh_hash, expires_at, address, user_agent)"
                            + " values (:login, :account, :hash, now() + :lifetime * interval '1 millisecond', :address, :agent)"
                            + " returning expires_at")
                    .bind("login", login)
                    .bind("account", account.id())
                    .bind("hash", Secrets.hash(refresh))
                    .bind("lifetime", refreshLifetime.toMillis())
                    .bind("address", address)
                    .bind("agent", shortened(userAgent))
                    .map((row, context) -> time(row, "expires_at"))
                    .one());
    Identity identity = new Identity(account, login);
    return new Grant(identity, accessTokens.issue(identity), refresh, expiry);
  }

  /** A client may send anything. */
  private static @Nullable String shortened(@Nullable String userAgent) {
    return userAgent == null
        ? null
        : userAgent
            .substring(0, Math.min(userAgent.length(), MAX_USER_AGENT))
            .replaceAll("[^\\x20-\\x7e]", "?");
  }

  private enum Use {
    CURRENT,
    /** Replaced a moment ago: the reply with the new one may have been lost. */
    GRACE,
    /** Replaced before: somebody has a copy. */
    REUSED
  }

  private record Found(Identity identity, Use use, Instant expiresAt, boolean over) {
    Found until(Instant end) {
      return new Found(identity, use, end, over);
    }
  }

  /**
   * A new access token and a new refresh token; the old one is worth nothing from now on.
   *
   * @throws ApiException {@code unauthorized} for a token that is unknown, expired, revoked or was
   *     used before
   */
  public Grant refresh(String refreshToken) {
    return refresh(refreshToken, () -> {});
  }

  /**
   * The same.
   *
   * @param reused called if the token was replaced before, so that there are two who have it
   */
  public Grant refresh(String refreshToken, Runnable reused) {
    UUID login = loginOf(refreshToken);
    String next = refreshTokens.successor(login, refreshToken);
    Found found =
        jdbi.inTransaction(
            handle -> {
              Found current = find(handle, login, refreshToken);
              if (current.over()) {
                throw ApiException.unauthorized("this login has ended");
              }
              return switch (current.use()) {
                case CURRENT -> current.until(rotate(handle, login, refreshToken, next));
                case REUSED -> {
                  revoke(handle, login);
                  yield current;
                }
                case GRACE -> current; // the same answer again
              };
            });
    if (found.use() == Use.REUSED) {
      reused.run();
      throw ApiException.unauthorized("this refresh token was used before; the login has ended");
    }
    return new Grant(
        found.identity(), accessTokens.issue(found.identity()), next, found.expiresAt());
  }

  private UUID loginOf(String refreshToken) {
    return refreshTokens.login(refreshToken).orElseThrow(Logins::noRefreshToken);
  }

  private static ApiException noRefreshToken() {
    return ApiException.unauthorized("the refresh token is not valid");
  }

  private Found find(Handle handle, UUID login, String refreshToken) {
    return handle
        .createQuery(
            """
            select a.account_id, a.username, a.email, l.expires_at,
                   l.refresh_hash = :hash as current,
                   l.previous_refresh_hash = :hash and now() <= l.rotated_at + :grace * interval '1 millisecond' as in_grace,
                   l.revoked_at is not null or now() > l.expires_at as over
            from server_login l join server_account a using (account_id)
            where l.login_id = :login
            for update of l""")
        .bind("hash", Secrets.hash(refreshToken))
        .bind("grace", REUSE_GRACE.toMillis())
        .bind("login", login)
        .map(
            (row, context) ->
                new Found(
                    new Identity(Accounts.read(row), login),
                    row.getBoolean("current")
                        ? Use.CURRENT
                        : row.getBoolean("in_grace") ? Use.GRACE : Use.REUSED,
                    time(row, "expires_at"),
                    row.getBoolean("over")))
        .findOne()
        .orElseThrow(Logins::noRefreshToken);
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  /**
   * @return when the login ends, unless it is refreshed before
   */
  private Instant rotate(Handle handle, UUID login, String used, String next) {
    return handle
        .createQuery(
            """
            update server_login
            set refresh_hash = :next, previous_refresh_hash = :used,
                expires_at = now() + :lifetime * interval '1 millisecond', rotated_at = now()
            where login_id = :login
            returning expires_at""")
        .bind("next", Secrets.hash(next))
        .bind("used", Secrets.hash(used))
        .bind("lifetime", refreshLifetime.toMillis())
        .bind("login", login)
        .map((row, context) -> time(row, "expires_at"))
        .one();
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
    UUID login = loginOf(refreshToken);
    return jdbi.inTransaction(
        handle -> {
          Found found = find(handle, login, refreshToken);
          revoke(handle, login);
          return found.identity();
        });
  }

  /**
   * @throws ApiException {@code unauthorized} if the login has ended
   */
  public Ticket ticket(Identity identity) {
    String otp = secrets.token();
    return jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        insert into server_ticket (ticket_hash, login_id, expires_at)
                        select :hash, login_id, now() + :lifetime * interval '1 millisecond' from server_login
                        where login_id = :login and revoked_at is null
                        returning expires_at""")
                    .bind("hash", Secrets.hash(otp))
                    .bind("lifetime", ticketLifetime.toMillis())
                    .bind("login", identity.login())
                    .map((row, context) -> new Ticket(otp, time(row, "expires_at")))
                    .findOne())
        .orElseThrow(() -> ApiException.unauthorized("this login has ended"));
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
                        where t.ticket_hash = :hash and t.expires_at > now()
                          and l.login_id = t.login_id and l.revoked_at is null
                          and a.account_id = l.account_id and a.username = :username
                          and not \
                        """
                            + Accounts.SUSPENDED
                            + " returning a.account_id, a.username, a.email, l.login_id")
                    .bind("hash", Secrets.hash(otp))
                    .bind("username", Accounts.normal(username))
                    .map(
                        (row, context) ->
                            new Identity(Accounts.read(row), row.getObject("login_id", UUID.class)))
                    .findOne())
        .orElseThrow(() -> ApiException.unauthorized("the ticket is not valid"));
  }

  private record Standing(boolean ended, boolean suspended) {}

  /**
   * @throws ApiException {@code unauthorized} if the login has ended, also because the account was
   *     erased; {@code forbidden} if the account is suspended
   */
  public Identity requireLive(Identity identity) {
    Standing standing =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select l.revoked_at is not null or a.erased_at is not null as ended, "
                            + Accounts.SUSPENDED
                            + " as suspended from server_login l"
                            + " join server_account a on a.account_id = l.account_id"
                            + " where l.login_id = :login")
                    .bind("login", identity.login())
                    .map((row, context) -> new Standing(row.getBoolean(1), row.getBoolean(2)))
                    .findOne()
                    .orElse(new Standing(true, false)));
    if (standing.suspended()) {
      throw Accounts.suspended();
    }
    if (standing.ended()) {
      throw ApiException.unauthorized("this login has ended");
    }
    return identity;
  }

  /** The accounts that were suspended within the last so much time, by whatever node. */
  public Set<Long> suspendedWithin(Duration time) {
    List<Long> suspended =
        jdbi.withHandle(
            handle ->
                handle
                    // the partial index on suspended_at finds them, however many accounts there are
                    .createQuery(
                        "select a.account_id from server_account a"
                            + " where a.suspended_at > now() - :millis * interval '1 millisecond'"
                            + " and "
                            + Accounts.SUSPENDED)
                    .bind("millis", time.toMillis())
                    .mapTo(Long.class)
                    .list());
    return Set.copyOf(suspended);
  }

  /** Whether a login was ended, by whatever node, or is not known. */
  public boolean hasEnded(UUID login) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select count(*) = 0 from server_login"
                        + " where login_id = :login and revoked_at is null")
                .bind("login", login)
                .mapTo(boolean.class)
                .one());
  }

  /** The logins that were ended within the last so much time, by whatever node. */
  public Set<UUID> endedWithin(Duration time) {
    List<UUID> ended =
        jdbi.withHandle(
            handle ->
                handle
                    // the partial index on revoked_at finds them, however many logins there are
                    .createQuery(
                        "select login_id from server_login"
                            + " where revoked_at > now() - :millis * interval '1 millisecond'")
                    .bind("millis", time.toMillis())
                    .mapTo(UUID.class)
                    .list());
    return Set.copyOf(ended);
  }

  /** Removes tickets that nobody used in time. */
  public int sweepTickets() {
    return jdbi.withHandle(
        handle ->
            handle.createUpdate("delete from server_ticket where expires_at < now()").execute());
  }

  /** Removes logins that ended or ran out long enough ago for nobody to ask about them. */
  public int sweepLogins() {
    return jdbi.withHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    delete from server_login l
                    where (l.revoked_at < now() - :kept * interval '1 millisecond'
                        or l.expires_at < now() - :kept * interval '1 millisecond')
                      and l.refresh_hash is not null
                      and not exists (select from server_ticket t where t.login_id = l.login_id)""")
                .bind("kept", KEPT_AFTER_END.toMillis())
                .execute());
  }
}
