package chat.server.accounts.login;

import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.database.SharedSecrets;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
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
 * (RFC 9700, section 4.14.2). Thread-safe; blocks.
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
  private final InstantSource clock;

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
      Duration ticketLifetime,
      InstantSource clock) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.accessTokens = accessTokens;
    this.refreshTokens = new RefreshTokens(key);
    this.refreshLifetime = refreshLifetime;
    this.ticketLifetime = ticketLifetime;
    this.clock = clock;
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
    Instant expiry = clock.instant().plus(refreshLifetime);
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "insert into server_login"
                        + " (login_id, account_id, refresh_hash, expires_at, address, user_agent)"
                        + " values (:login, :account, :hash, :expiry, :address, :agent)")
                .bind("login", login)
                .bind("account", account.id())
                .bind("hash", Secrets.hash(refresh))
                .bind("expiry", sqlTime(expiry))
                .bind("address", address)
                .bind("agent", shortened(userAgent))
                .execute());
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

  private record Found(Identity identity, Use use, Instant expiresAt, boolean revoked) {}

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
    Instant now = clock.instant();
    Instant expiry = now.plus(refreshLifetime);
    UUID login = loginOf(refreshToken);
    String next = refreshTokens.successor(login, refreshToken);
    Found found =
        jdbi.inTransaction(
            handle -> {
              Found current = find(handle, login, refreshToken);
              if (current.revoked() || now.isAfter(current.expiresAt())) {
                throw ApiException.unauthorized("this login has ended");
              }
              switch (current.use()) {
                case CURRENT -> rotate(handle, login, refreshToken, next, expiry);
                case REUSED -> revoke(handle, login);
                case GRACE -> {} // the same answer again
              }
              return current;
            });
    if (found.use() == Use.REUSED) {
      reused.run();
      throw ApiException.unauthorized("this refresh token was used before; the login has ended");
    }
    return new Grant(
        found.identity(),
        accessTokens.issue(found.identity()),
        next,
        found.use() == Use.GRACE ? found.expiresAt() : expiry);
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
            select a.account_id, a.username, a.email, l.rotated_at, l.expires_at,
                   l.refresh_hash = :hash as current,
                   coalesce(l.previous_refresh_hash = :hash, false) as previous,
                   l.revoked_at is not null as revoked
            from server_login l join server_account a using (account_id)
            where l.login_id = :login
            for update of l""")
        .bind("hash", Secrets.hash(refreshToken))
        .bind("login", login)
        .map(
            (row, context) -> {
              boolean inGrace =
                  row.getBoolean("previous")
                      && !clock.instant().isAfter(time(row, "rotated_at").plus(REUSE_GRACE));
              return new Found(
                  new Identity(Accounts.read(row), login),
                  row.getBoolean("current") ? Use.CURRENT : inGrace ? Use.GRACE : Use.REUSED,
                  time(row, "expires_at"),
                  row.getBoolean("revoked"));
            })
        .findOne()
        .orElseThrow(Logins::noRefreshToken);
  }

  private static Instant time(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  private void rotate(Handle handle, UUID login, String used, String next, Instant expiry) {
    handle
        .createUpdate(
            """
            update server_login
            set refresh_hash = :next, previous_refresh_hash = :used, expires_at = :expiry,
                rotated_at = :now
            where login_id = :login""")
        .bind("next", Secrets.hash(next))
        .bind("used", Secrets.hash(used))
        .bind("expiry", sqlTime(expiry))
        .bind("now", sqlTime(clock.instant()))
        .bind("login", login)
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
                          and not \
                        """
                            + Accounts.SUSPENDED
                            + " returning a.account_id, a.username, a.email, l.login_id")
                    .bind("hash", Secrets.hash(otp))
                    .bind("now", sqlTime(clock.instant()))
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
            handle
                .createUpdate("delete from server_ticket where expires_at < :now")
                .bind("now", sqlTime(clock.instant()))
                .execute());
  }

  /** Removes logins that ended or ran out long enough ago for nobody to ask about them. */
  public int sweepLogins() {
    return jdbi.withHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    delete from server_login l
                    where (l.revoked_at < :then or l.expires_at < :then)
                      and l.refresh_hash is not null
                      and not exists (select from server_ticket t where t.login_id = l.login_id)""")
                .bind("then", sqlTime(clock.instant().minus(KEPT_AFTER_END)))
                .execute());
  }

  private static OffsetDateTime sqlTime(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
