package chat.server.accounts;

import chat.engine.InvisibleCharacters;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.text.Normalizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** The registered users. Thread-safe; blocks. */
public final class Accounts {
  // marks make the vowels of many scripts, and none begins a word
  private static final Pattern USERNAME =
      Pattern.compile("[\\p{L}\\p{N}._-][\\p{L}\\p{M}\\p{N}._\\-]{0,31}");
  private static final Pattern EMAIL =
      Pattern.compile("[^\\s@\\p{Cntrl}]{1,64}@[^\\s@\\p{Cntrl}]{1,190}");

  /** Holds for an account that must not come in now. */
  public static final String SUSPENDED =
      "(a.suspended_at is not null and (a.suspended_until is null or a.suspended_until > now()))";

  /** Longer than any username, for those that come in another form of Unicode. */
  private static final int MAX_ASKED_LENGTH = 64;

  private static final int MIN_PASSWORD = 6;
  private static final int MAX_PASSWORD = 128;
  public static final String COLUMNS = "a.account_id, a.username, a.email";

  private final Jdbi jdbi;
  private final Passwords passwords;
  private final boolean registration;
  private final PasswordGuesses guesses;

  /**
   * @param registration whether anybody may register
   */
  public Accounts(Jdbi jdbi, Passwords passwords, boolean registration) {
    this(jdbi, passwords, registration, PasswordGuesses.UNLIMITED);
  }

  public Accounts(Jdbi jdbi, Passwords passwords, boolean registration, PasswordGuesses guesses) {
    this.jdbi = jdbi;
    this.passwords = passwords;
    this.registration = registration;
    this.guesses = guesses;
  }

  /**
   * The form in which usernames are kept and looked up (NFC): what looks the same is the same,
   * whatever keyboard it comes from.
   */
  public static String normal(String username) {
    return Normalizer.normalize(username, Normalizer.Form.NFC);
  }

  /** Whether a name in its normal form can be one. */
  public static boolean isUsername(String name) {
    return USERNAME.matcher(name).matches()
        && !name.toLowerCase(Locale.ROOT).startsWith(ErasedAccounts.PREFIX)
        && name.codePoints().noneMatch(InvisibleCharacters::contain);
  }

  /**
   * @return the name as it is kept
   * @throws ApiException {@code bad_request} for a name that cannot be one
   */
  public static String requireUsername(String username) {
    String name = normal(username);
    if (!isUsername(name)) {
      throw ApiException.badRequest(
          "username must be 1 to 32 letters, marks, digits, '.', '_' or '-', all of which can be seen,"
              + " and begin neither with a mark nor with 'erased-'");
    }
    return name;
  }

  /**
   * Whether or not there are such users.
   *
   * @param field in which a client names them
   * @throws ApiException {@code bad_request} for what cannot be a name
   */
  public static void requireNames(String field, Collection<String> names) {
    for (String name : names) {
      int length = name.codePointCount(0, name.length());
      if (length < 1 || length > MAX_ASKED_LENGTH) {
        throw ApiException.badRequest(
            field + " must have 1 to " + MAX_ASKED_LENGTH + " characters each, and not " + length);
      }
    }
  }

  public static boolean isEmail(@Nullable String address) {
    return address != null && EMAIL.matcher(address).matches();
  }

  public static Account read(ResultSet row) throws SQLException {
    return new Account(
        row.getLong("account_id"), row.getString("username"), row.getString("email"));
  }

  /**
   * @throws ApiException {@code bad_request} for a name, an address or a password that cannot be;
   *     {@code conflict} for a name or an address that is taken, in whatever case; {@code
   *     forbidden} where registration is closed
   */
  public Account register(String username, String email, String password) {
    if (!registration) {
      throw ApiException.of(ApiError.FORBIDDEN, "registration is closed");
    }
    String name = requireUsername(username);
    if (!isEmail(email)) {
      throw ApiException.badRequest("email must be an e-mail address");
    }
    requirePassword("password", password);
    String hash = passwords.hash(password);
    return jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        insert into server_account as a (username, email, password_hash)
                        values (:username, :email, :hash)
                        on conflict do nothing
                        returning a.account_id, a.username, a.email""")
                    .bind("username", name)
                    .bind("email", email)
                    .bind("hash", hash)
                    .map((row, context) -> read(row))
                    .findOne())
        .orElseThrow(
            () -> ApiException.of(ApiError.CONFLICT, "this username or e-mail address is taken"));
  }

  private static void requirePassword(String field, String password) {
    if (password.length() < MIN_PASSWORD || password.length() > MAX_PASSWORD) {
      throw ApiException.badRequest(
          field + " must have " + MIN_PASSWORD + " to " + MAX_PASSWORD + " characters");
    }
  }

  public static ApiException suspended() {
    return ApiException.of(ApiError.FORBIDDEN, "this account is suspended");
  }

  private record Candidate(Account account, String hash, boolean suspended) {}

  /**
   * @throws ApiException {@code unauthorized}, the same and after the same time whether the address
   *     is unknown or the password wrong; {@code forbidden} for the right password of an account
   *     that is suspended; {@code rate_limited} after too many wrong ones
   */
  public Account authenticate(String email, String password, @Nullable String address) {
    Optional<Candidate> candidate =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select a.account_id, a.username, a.email, a.password_hash, "
                            + SUSPENDED
                            + " as suspended"
                            + " from server_account a where lower(a.email) = lower(:email)"
                            + " and a.password_hash is not null")
                    .bind("email", email)
                    .map(
                        (row, context) ->
                            new Candidate(
                                read(row),
                                row.getString("password_hash"),
                                row.getBoolean("suspended")))
                    .findOne());
    if (!guesses.isRight(email, address, () -> matches(candidate, password))
        || candidate.isEmpty()) {
      throw ApiException.unauthorized("wrong e-mail address or password");
    }
    Candidate found = candidate.get();
    if (found.suspended()) {
      throw suspended();
    }
    return found.account();
  }

  private boolean matches(Optional<Candidate> candidate, String password) {
    if (candidate.isEmpty()) {
      passwords.pretendToMatch(password);
      return false;
    }
    return passwords.matches(password, candidate.get().hash());
  }

  /**
   * Whether a user who is logged in knows the password.
   *
   * @param address of the client, if it is known
   * @throws ApiException {@code conflict} for an account of another sign-on service; {@code
   *     rate_limited} after too many wrong ones
   */
  boolean knowsPassword(Account account, String password, @Nullable String address) {
    String hash = passwordHash(account);
    String email = account.email();
    return guesses.isRight(
        email == null ? "account " + account.id() : email,
        address,
        () -> passwords.matches(password, hash));
  }

  /**
   * Gives the owner of an account another password; ends no login.
   *
   * @throws ApiException {@code forbidden} if the old one is wrong; {@code bad_request} for a new
   *     one that cannot be; {@code conflict} for an account of another sign-on service; {@code
   *     rate_limited} after too many wrong ones
   */
  public void changePassword(
      Account account, String old, String changed, @Nullable String address) {
    requirePassword("new_password", changed);
    if (!knowsPassword(account, old, address)) {
      throw ApiException.of(ApiError.FORBIDDEN, "the old password is wrong");
    }
    store(account, passwords.hash(changed));
  }

  /**
   * Gives an account another password without asking for the old one; ends no login.
   *
   * @throws ApiException as {@link #changePassword}
   */
  public void resetPassword(Account account, String changed) {
    requirePassword("password", changed);
    passwordHash(account);
    store(account, passwords.hash(changed));
  }

  private String passwordHash(Account account) {
    return jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select password_hash from server_account where account_id = :id"
                            + " and erased_at is null and password_hash is not null")
                    .bind("id", account.id())
                    .mapTo(String.class)
                    .findOne())
        .orElseThrow(
            () ->
                ApiException.of(
                    ApiError.CONFLICT,
                    "this account has no password: its user signs on elsewhere"));
  }

  private void store(Account account, String hash) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "update server_account set password_hash = :hash where account_id = :id"
                        + " and erased_at is null and password_hash is not null")
                .bind("hash", hash)
                .bind("id", account.id())
                .execute());
  }

  /**
   * @throws ApiException {@code not_found}
   */
  public Account named(String username) {
    return Optional.ofNullable(named(Set.of(username)).get(username))
        .orElseThrow(() -> ApiException.of(ApiError.NOT_FOUND, "there is no user " + username));
  }

  /** Whether an operator has suspended the user of this name. */
  public boolean isSuspended(String username) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select count(*) > 0 from server_account a where lower(a.username) = lower(:name) and "
                        + SUSPENDED)
                .bind("name", username)
                .mapTo(boolean.class)
                .one());
  }

  /** Whether a program of this server speaks for the account. */
  public boolean isBot(Account account) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select count(*) > 0 from server_account where account_id = :id and issuer = :issuer")
                .bind("id", account.id())
                .bind("issuer", BotAccounts.ISSUER)
                .mapTo(boolean.class)
                .one());
  }

  /** Those of the usernames, as they are kept, for which programs of this server speak. */
  public Set<String> botsAmong(Collection<String> usernames) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select a.username from unnest(:names) name"
                        + " join server_account a on lower(a.username) = lower(name)"
                        + " where a.issuer = :issuer and a.erased_at is null")
                .bindArray("names", String.class, usernames)
                .bind("issuer", BotAccounts.ISSUER)
                .mapTo(String.class)
                .set());
  }

  private record Match(String asked, Account account) {}

  /** The accounts of those of the names that exist, by the name as it is given. */
  public Map<String, Account> named(Set<String> usernames) {
    Map<String, List<String>> asked =
        usernames.stream().collect(Collectors.groupingBy(Accounts::normal));
    List<Match> matches =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select "
                            + COLUMNS
                            + ", name as asked from unnest(:names) name"
                            + " join server_account a on lower(a.username) = lower(name)"
                            + " and a.erased_at is null")
                    .bindArray("names", String.class, asked.keySet())
                    .map((row, context) -> new Match(row.getString("asked"), read(row)))
                    .list());
    Map<String, Account> found = new HashMap<>();
    for (Match match : matches) {
      asked
          .getOrDefault(match.asked(), List.of())
          .forEach(name -> found.put(name, match.account()));
    }
    return found;
  }
}
