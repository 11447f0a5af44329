package chat.server.config;

import chat.server.config.SettingsParser.InvalidSettingsException;
import chat.server.security.WithoutSecrets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Keeps secrets out of the list of processes, which everybody on the machine can see, and out of
 * what is said about mistakes. Stateless.
 */
final class SecretSettings {
  private static final List<String> ALWAYS =
      List.of("--database-password", "--files-s3-secret-key", "--issuer-secret", "--token-secret");

  /** Addresses, which are welcome as flags as long as no password is in them. */
  private static final List<String> ADDRESSES = List.of("--database-url", "--redis-url");

  /** In what picocli says of words that it does not know. */
  private static final Pattern UNKNOWN_FLAG = Pattern.compile("'(-[^='\\s]*)=[^']*'");

  private static final Pattern WORD_BEHIND_IT = Pattern.compile(", '[^-'][^']*'");

  private SecretSettings() {}

  /**
   * @throws InvalidSettingsException if a secret is among the flags
   */
  static void refuseAsFlags(String[] flags) throws InvalidSettingsException {
    for (int i = 0; i < flags.length; i++) {
      int equals = flags[i].indexOf('=');
      String name = equals < 0 ? flags[i] : flags[i].substring(0, equals);
      String value =
          equals >= 0 ? flags[i].substring(equals + 1) : i + 1 < flags.length ? flags[i + 1] : "";
      if (ALWAYS.contains(name)) {
        throw refusal(name, "");
      }
      if (ADDRESSES.contains(name) && !WithoutSecrets.of(value).equals(value)) {
        throw refusal(name, " with a password in it");
      }
    }
  }

  private static InvalidSettingsException refusal(String name, String what) {
    String plain = name.substring("--".length());
    return new InvalidSettingsException(
        "%s%s could be seen in the list of processes: set CHAT_%s, or a line %s=... in the file of --config"
            .formatted(name, what, plain.toUpperCase(Locale.ROOT).replace('-', '_'), plain));
  }

  /** What picocli says of a mistake, without the values of flags that are misspelt. */
  static String shown(CommandLine.ParameterException mistake) {
    String said = WithoutSecrets.of(String.valueOf(mistake.getMessage()));
    if (mistake instanceof CommandLine.UnmatchedArgumentException && said.startsWith("Unknown")) {
      said = WORD_BEHIND_IT.matcher(said).replaceAll("");
    }
    return UNKNOWN_FLAG.matcher(said).replaceAll("'$1'");
  }
}
