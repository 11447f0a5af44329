package chat.server.accounts;

import chat.engine.InvisibleCharacters;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.text.Normalizer;
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
  private static final int MIN_PASSWORD = 6;
  private static final int MAX_PASSWORD = 128;
  public static final String COLUMNS = "a.account_id, a.username, a.email";

  private final Jdbi jdbi;
  private final Passwords passwords;
  private final boolean registration;

  /**
   * @param registration whether anybody may register
   */
  public Accounts(Jdbi jdbi, Passwords passwords, boolean registration) {
    this.jdbi = jdbi;
    this.passwords = passwords;
    this.registration = registration;
  }

  /**
   * The form in which usernames are kept and looked up (NFC): what looks the same is the same,
   * whatever keyboard it comes from.
   */
  static String normal(String username) {
    return Normalizer.normalize(username, Normalizer.Form.NFC);
  }

  /** Whether a name in its normal form can be one. */
  static boolean isUsername(String name) {
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

  static boolean isEmail(@Nullable String address) {
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
    if (password.length() < MIN_PASSWORD || password.length() > MAX_PASSWORD) {
      throw ApiException.badRequest(
          "password must have " + MIN_PASSWORD + " to " + MAX_PASSWORD + " characters");
    }
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

  private record Candidate(Account account, String hash) {}

  /**
   * @throws ApiException {@code unauthorized}, the same and after the same time whether the address
   *     is unknown or the password wrong
   */
  Account authenticate(String email, String password) {
    Optional<Candidate> candidate =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select a.account_id, a.username, a.email, a.password_hash"
                            + " from server_account a where lower(a.email) = lower(:email)"
                            + " and a.password_hash is not null")
                    .bind("email", email)
                    .map((row, context) -> new Candidate(read(row), row.getString("password_hash")))
                    .findOne());
    boolean known = candidate.isPresent();
    if (!known) {
      passwords.pretendToMatch(password);
    }
    return candidate
        .filter(found -> passwords.matches(password, found.hash()))
        .map(Candidate::account)
        .orElseThrow(() -> ApiException.unauthorized("wrong e-mail address or password"));
  }

  /**
   * @throws ApiException {@code not_found}
   */
  public Account named(String username) {
    return Optional.ofNullable(named(Set.of(username)).get(username))
        .orElseThrow(() -> ApiException.of(ApiError.NOT_FOUND, "there is no user " + username));
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

  /**
   * @throws ApiException {@code unauthorized} if the account was erased since its access token was
   *     given out
   */
  public Account requirePresent(Account account) {
    boolean present =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select count(*) > 0 from server_account where account_id = :id and erased_at is null")
                    .bind("id", account.id())
                    .mapTo(boolean.class)
                    .one());
    if (!present) {
      throw ApiException.unauthorized("this account was erased");
    }
    return account;
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
