package chat.server.security;

import java.util.regex.Pattern;

/** Takes out of words for people what may be a secret in them. Stateless. */
public final class WithoutSecrets {
  /** Up to the last sign: a password can have all of these characters unless it is encoded. */
  private static final Pattern USER = Pattern.compile("(?<=//)[^\\s']*@");

  private static final Pattern PARAMETER =
      Pattern.compile("(?i)([?&;][^=\\s&;']*(?:pass|secret|token)[^=\\s&;']*=)[^\\s&;']*");

  private WithoutSecrets() {}

  /** The text; of addresses in it neither the user nor a parameter that may be a secret. */
  public static String of(String text) {
    return PARAMETER.matcher(USER.matcher(text).replaceAll("...@")).replaceAll("$1...");
  }
}
