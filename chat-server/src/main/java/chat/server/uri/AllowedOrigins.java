package chat.server.uri;

import java.util.Collection;
import java.util.Set;

/**
 * The origins (RFC 6454) of web pages that may use this server from a browser. Clients that are no
 * browsers send none. Immutable.
 */
public final class AllowedOrigins {
  /** Stands for every origin. */
  public static final String ANY = "*";

  private final Set<String> origins;

  public AllowedOrigins(Collection<String> origins) {
    this.origins = Set.copyOf(origins);
  }

  public boolean allows(String origin) {
    return origins.contains(ANY) || origins.contains(origin);
  }
}
