package chat.server.config;

import chat.server.accounts.BotAccounts;
import chat.server.accounts.login.AccessTokens;
import chat.server.files.storage.S3Storage;
import chat.server.security.WithoutSecrets;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Flags, environment and file to {@link Settings}, with a sentence for each mistake. */
public final class SettingsParser {
  private static final String VARIABLE_PREFIX = "CHAT_";
  private static final String NAMESPACE = "[A-Za-z0-9_.-]{1,64}";

  private SettingsParser() {}

  /** A mistake in a setting; the message says which, and what would be right. */
  public static final class InvalidSettingsException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidSettingsException(String message) {
      super(message);
    }
  }

  /**
   * Also tells whether {@code --help} or {@code --version} was asked for.
   *
   * @param others what are no settings, in their order
   */
  public record Parsed(Settings settings, boolean help, boolean version, List<String> others) {}

  /**
   * @throws InvalidSettingsException for an unknown name or a wrong value, wherever it was given
   */
  public static Parsed parse(String[] flags, Map<String, String> environment)
      throws InvalidSettingsException {
    return parse(flags, environment, false);
  }

  /** The same among words of a command, which are left alone. */
  public static Parsed parseAmongOthers(String[] words, Map<String, String> environment)
      throws InvalidSettingsException {
    return parse(words, environment, true);
  }

  private static Parsed parse(String[] flags, Map<String, String> environment, boolean others)
      throws InvalidSettingsException {
    SecretSettings.refuseAsFlags(flags);
    Settings settings = new Settings();
    CommandLine parser = new CommandLine(settings);
    parser.setUnmatchedArgumentsAllowed(others);
    parser.setCaseInsensitiveEnumValuesAllowed(true);
    Properties file = file(configFile(flags, environment), parser.getCommandSpec());
    parser.setDefaultValueProvider(new EnvironmentThenFile(environment, file));
    List<String> unmatched;
    try {
      unmatched = parser.parseArgs(flags).unmatched();
    } catch (ParameterException wrong) {
      throw new InvalidSettingsException(shown(wrong));
    }
    if (!settings.help && !settings.version) {
      validate(settings);
    }
    return new Parsed(settings, settings.help, settings.version, unmatched);
  }

  /**
   * Variables that begin as those of the settings do and name none: most likely one is misspelt.
   */
  public static List<String> unknownVariables(Map<String, String> environment) {
    CommandSpec spec = new CommandLine(new Settings()).getCommandSpec();
    return environment.keySet().stream()
        .filter(variable -> variable.startsWith(VARIABLE_PREFIX))
        .filter(
            variable ->
                spec.findOption(
                        "--"
                            + variable
                                .substring(VARIABLE_PREFIX.length())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', '-'))
                    == null)
        .sorted()
        .toList();
  }

  /** A mistake in the words of a command, without the secrets that may be among them. */
  public static String shown(ParameterException mistake) {
    return SecretSettings.shown(mistake);
  }

  public static String help() {
    return new CommandLine(new Settings()).getUsageMessage();
  }

  private static @Nullable String configFile(String[] flags, Map<String, String> environment) {
    String given = environment.get("CHAT_CONFIG");
    for (int i = 0; i < flags.length; i++) {
      if (flags[i].startsWith("--config=")) {
        given = flags[i].substring("--config=".length());
      } else if (flags[i].equals("--config") && i + 1 < flags.length) {
        given = flags[i + 1];
      }
    }
    return given;
  }

  private static Properties file(@Nullable String name, CommandSpec spec)
      throws InvalidSettingsException {
    Properties properties = new Properties();
    if (name == null) {
      return properties;
    }
    try (Reader reader = Files.newBufferedReader(Path.of(name))) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new InvalidSettingsException(
          "The file " + name + " given as --config cannot be read as properties: " + unreadable);
    }
    Set<String> unknown = new TreeSet<>(properties.stringPropertyNames());
    unknown.removeIf(key -> spec.findOption("--" + key) != null);
    if (!unknown.isEmpty()) {
      throw new InvalidSettingsException(
          "The file "
              + name
              + " sets what does not exist: "
              + String.join(", ", unknown)
              + ". --help lists the names.");
    }
    return properties;
  }

  private record EnvironmentThenFile(Map<String, String> environment, Properties file)
      implements IDefaultValueProvider {
    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
      if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
        return null;
      }
      String name = option.longestName().substring(2);
      String variable = VARIABLE_PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
      String value = environment.get(variable);
      return value != null ? value : file.getProperty(name);
    }
  }

  private static void validate(Settings settings) throws InvalidSettingsException {
    port("--http-port", settings.httpPort);
    port("--ws-port", settings.wsPort);
    within("--database-connections", settings.databaseConnections, 4, 1000);
    within("--max-connections", settings.limits.maxConnections, 1, 1_000_000);
    within("--max-connections-per-address", settings.limits.maxConnectionsPerAddress, 1, 1_000_000);
    within("--max-connections-per-user", settings.limits.maxConnectionsPerUser, 1, 1_000_000);
    within("--max-text-bytes", settings.limits.maxTextBytes, 1, 1024 * 1024);
    within("--retention-days", settings.retentionDays, 0, 36_500);
    within("--messages-per-second", settings.limits.messagesPerSecond, 1, 1_000_000);
    within(
        "--messages-per-second-per-user", settings.limits.messagesPerSecondPerUser, 0, 1_000_000);
    within("--failed-logins-per-account", settings.limits.failedLoginsPerAccount, 0, 1_000_000);
    within("--failed-logins-per-address", settings.limits.failedLoginsPerAddress, 0, 1_000_000);
    within("--registrations-per-address", settings.limits.registrationsPerAddress, 0, 1_000_000);
    within("--incoming-posts-per-minute", settings.limits.incomingPostsPerMinute, 0, 1_000_000);
    within("--calls-per-second-per-user", settings.limits.callsPerSecondPerUser, 0, 1_000_000);
    within(
        "--calls-per-second-per-address", settings.limits.callsPerSecondPerAddress, 0, 1_000_000);
    try {
      settings.limits().clientAddresses();
    } catch (IllegalArgumentException wrong) {
      throw new InvalidSettingsException("--trusted-proxies: " + wrong.getMessage());
    }
    within("--heartbeat-seconds", settings.limits.heartbeatSeconds, 1, 3600);
    within("--push-delay-millis", settings.push.delayMillis, 0, 60_000);
    within("--access-token-minutes", settings.accessTokenMinutes, 1, 24 * 60);
    within("--refresh-token-days", settings.refreshTokenDays, 1, 3650);
    within("--ticket-seconds", settings.ticketSeconds, 1, 3600);
    within("--drain-seconds", settings.drainSeconds, 0, 600);
    within("--max-file-bytes", settings.files.maxFileBytes, 0, 1L << 40);
    within("--files-per-user-bytes", settings.files.perUserBytes, 0, 1L << 50);
    for (String type : settings.files.types) {
      if (!type.matches("\\*/\\*|[a-z0-9.+-]+/(\\*|[a-z0-9.+-]+)")) {
        throw new InvalidSettingsException(
            "--file-types must look like image/*,application/pdf, and not have " + type);
      }
    }
    validateFilesBucket(settings);
    if (settings.databaseUrl != null && !settings.databaseUrl.startsWith("jdbc:postgresql:")) {
      throw new InvalidSettingsException(
          "--database-url must look like jdbc:postgresql://host:5432/database"
              + " (it is not repeated here, since a password can be in it)");
    }
    if (settings.databaseUrl != null && settings.databaseUrl.matches("[^?]*//[^?]*@.*")) {
      throw new InvalidSettingsException(
          "--database-url has no place for a user: set --database-user and CHAT_DATABASE_PASSWORD");
    }
    if (settings.redisUrl != null && !settings.redisUrl.matches("rediss?://.+")) {
      throw new InvalidSettingsException(
          "--redis-url must look like redis://host:6379"
              + " (it is not repeated here, since a password can be in it)");
    }
    if (settings.redisUrl != null && settings.databaseUrl == null) {
      throw new InvalidSettingsException(
          "--redis-url is for several nodes on one database: give --database-url too");
    }
    if (settings.redisNamespace != null && !settings.redisNamespace.matches(NAMESPACE)) {
      throw new InvalidSettingsException(
          "--redis-namespace must be 1 to 64 letters, digits, dots, dashes and underscores, not "
              + settings.redisNamespace);
    }
    validateRouter(settings);
    String wsUrl = settings.publicWsUrl;
    if (wsUrl != null && !wsUrl.matches("(wss?://[^\\s/]+)?/\\S*")) {
      throw new InvalidSettingsException(
          "--public-ws-url must look like wss://chat.example.org/v1/ws or /v1/ws, not "
              + WithoutSecrets.of(wsUrl));
    }
    for (String origin : settings.origins) {
      if (!origin.equals("*") && !origin.matches("https?://[^\\s/]+")) {
        throw new InvalidSettingsException(
            "--origins must look like https://chat.example.org, or be *, not "
                + WithoutSecrets.of(origin));
      }
    }
    if (!settings.push.contact.matches("mailto:[^\\s@]+@[^\\s@]+|https://[^\\s/]+\\S*")) {
      throw new InvalidSettingsException(
          "--push-contact must look like mailto:ada@example.org or https://example.org/contact, not "
              + WithoutSecrets.of(settings.push.contact));
    }
    secret("--token-secret", settings.tokenSecret);
    validateIssuer(settings);
  }

  private static void validateRouter(Settings settings) throws InvalidSettingsException {
    if ((settings.router() == RouterKind.REDIS) != (settings.redisUrl != null)) {
      throw new InvalidSettingsException(
          "--redis-url goes with --router=redis, not with --router="
              + settings.router().name().toLowerCase(Locale.ROOT));
    }
    if (settings.redisNamespace != null && settings.redisUrl == null) {
      throw new InvalidSettingsException(
          "--redis-namespace is for nodes that Redis links: give --redis-url too");
    }
    if (settings.router() == RouterKind.POSTGRES && settings.databaseUrl == null) {
      throw new InvalidSettingsException(
          "--router=postgres is for several nodes on one database: give --database-url too");
    }
  }

  private static void validateFilesBucket(Settings settings) throws InvalidSettingsException {
    String name = settings.files.s3Bucket;
    if (name == null) {
      if (settings.files.s3Endpoint != null
          || settings.files.s3AccessKey != null
          || settings.files.s3SecretKey != null) {
        throw new InvalidSettingsException("--files-s3-bucket is missing, which names the bucket");
      }
      return;
    }
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{1,62}")) {
      throw new InvalidSettingsException(
          "--files-s3-bucket must be 2 to 63 letters, digits, dots and hyphens, not " + name);
    }
    URI endpoint = settings.files.s3Endpoint;
    if (endpoint != null && !endpoint.toString().matches("https?://[^\\s/@?#]+/?")) {
      throw new InvalidSettingsException(
          "--files-s3-endpoint must look like https://s3.example.org, without a path");
    }
    if (!settings.files.s3Region.matches("[A-Za-z0-9-]{1,64}")) {
      throw new InvalidSettingsException(
          "--files-s3-region must look like eu-central-1, not " + settings.files.s3Region);
    }
    if (settings.files.s3AccessKey == null || settings.files.s3SecretKey == null) {
      throw new InvalidSettingsException(
          "--files-s3-bucket needs --files-s3-access-key, and CHAT_FILES_S3_SECRET_KEY");
    }
    within(
        "--max-file-bytes with --files-s3-bucket",
        settings.files.maxFileBytes,
        0,
        S3Storage.MOST_BYTES);
  }

  private static void validateIssuer(Settings settings) throws InvalidSettingsException {
    boolean keySet = settings.issuer.jwksUrl != null;
    String secret = settings.issuer.secret;
    boolean oneWay = keySet != (secret != null);
    boolean noWay = !keySet && secret == null;
    if (settings.issuer.name == null ? !noWay : !oneWay) {
      throw new InvalidSettingsException(
          "--issuer goes with one of --issuer-jwks-url and --issuer-secret");
    }
    secret("--issuer-secret", secret);
    if (AccessTokens.ISSUER.equals(settings.issuer.name)
        || BotAccounts.ISSUER.equals(settings.issuer.name)) {
      throw new InvalidSettingsException(
          "--issuer must not be %s, which this server uses itself".formatted(settings.issuer.name));
    }
    if (settings.issuer.provision && settings.issuer.name == null) {
      throw new InvalidSettingsException("--issuer-provision needs an --issuer");
    }
  }

  private static void secret(String name, @Nullable String value) throws InvalidSettingsException {
    if (value != null && value.getBytes(StandardCharsets.UTF_8).length < 32) {
      throw new InvalidSettingsException(name + " must have 32 bytes or more");
    }
  }

  private static void port(String name, int port) throws InvalidSettingsException {
    within(name, port, 0, 65_535);
  }

  private static void within(String name, long value, long least, long most)
      throws InvalidSettingsException {
    if (value < least || value > most) {
      throw new InvalidSettingsException(
          name + " must be from " + least + " to " + most + ", not " + value);
    }
  }
}
