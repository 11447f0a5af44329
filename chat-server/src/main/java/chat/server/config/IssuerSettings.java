package chat.server.config;

import java.net.URL;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Another sign-on service, whose access tokens are taken. Filled by {@link SettingsParser}; not
 * changed afterwards.
 */
@SuppressWarnings("NullAway.Init") // picocli gives every option its default
public final class IssuerSettings {
  @Option(
      names = "--issuer",
      paramLabel = "NAME",
      description =
          "A sign-on service whose access tokens (JWT) are taken beside this server's own: the"
              + " 'iss' of its tokens. Needs --issuer-jwks-url or --issuer-secret.")
  @Nullable String name;

  @Option(
      names = "--issuer-jwks-url",
      paramLabel = "URL",
      description = "Where the issuer publishes its keys, as https://id.example.org/jwks.json.")
  @Nullable URL jwksUrl;

  @Option(
      names = "--issuer-secret",
      paramLabel = "SECRET",
      description =
          "Or the secret with which it signs (HS256), 32 bytes or more. Only as CHAT_ISSUER_SECRET or"
              + " in the file of --config: a flag could be seen by others, and is refused.")
  @Nullable String secret;

  @Option(
      names = "--issuer-audience",
      paramLabel = "NAME",
      description = "The 'aud' that its tokens must have. Default: any")
  @Nullable String audience;

  @Option(
      names = "--issuer-username-claim",
      defaultValue = "preferred_username",
      paramLabel = "CLAIM",
      description =
          "Which claim of its tokens names the user; the account stays the subject's."
              + " Default: ${DEFAULT-VALUE}")
  String usernameClaim;

  @Option(
      names = "--issuer-provision",
      arity = "1",
      defaultValue = "false",
      paramLabel = "true|false",
      description =
          "Whether its users get an account when they are first seen. Default: ${DEFAULT-VALUE}")
  boolean provision;

  IssuerSettings() {}

  public @Nullable String name() {
    return name;
  }

  public @Nullable URL jwksUrl() {
    return jwksUrl;
  }

  public @Nullable String secret() {
    return secret;
  }

  public @Nullable String audience() {
    return audience;
  }

  public String usernameClaim() {
    return usernameClaim;
  }

  public boolean provision() {
    return provision;
  }
}
