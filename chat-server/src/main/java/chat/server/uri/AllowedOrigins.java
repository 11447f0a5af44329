package chat.server.uri;

import java.util.Collection;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The origins (RFC 6454) of web pages that may use this server from a browser. Clients that are no
 * browsers send none. Immutable.
 */
public final class AllowedOrigins {
  /** Stands for every origin. */
  public static final String ANY = "*";

  private static final Pattern WITH_DEFAULT_PORT =
      Pattern.compile("(http://.+):80|(https://.+):443");

  private final Set<String> origins;

  public AllowedOrigins(Collection<String> origins) {
    this.origins =
        origins.stream()
            .map(AllowedOrigins::withoutDefaultPort)
            .collect(Collectors.toUnmodifiableSet());
  }

  public boolean allows(String origin) {
    return origins.contains(ANY) || origins.contains(withoutDefaultPort(origin));
  }

  /** As browsers write it. */
  private static String withoutDefaultPort(String origin) {
    Matcher port = WITH_DEFAULT_PORT.matcher(origin);
    return port.matches() ? port.replaceFirst("$1$2") : origin;
  }
}
