package chat.server.uri;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * From which address a client comes. Behind a proxy that is trusted it is the last one in {@code
 * X-Forwarded-For} that no trusted proxy has: what stands before that, the client may have made up.
 * A header that came from anybody else is not looked at. Immutable.
 */
public final class ClientAddresses {
  private static final int MAX_HEADER = 1_024;

  /** Digits, letters and signs of numeric addresses: no name is ever looked up. */
  private static final Pattern NUMERIC =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

  private final List<Network> trusted;

  private record Network(byte[] address, int bits) {
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i % 8);
        if ((address[i / 8] & mask) != (other[i / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * @param networks of the proxies, as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single
   *     address
   * @throws IllegalArgumentException for anything else; the message names it
   */
  public ClientAddresses(Collection<String> networks) {
    trusted = networks.stream().map(ClientAddresses::network).toList();
  }

  private static Network network(String text) {
    String[] parts = text.strip().split("/", 2);
    InetAddress address = numeric(parts[0]);
    if (address == null) {
      throw new IllegalArgumentException(text + " is no network such as 10.0.0.0/8");
    }
    int all = address.getAddress().length * 8;
    int bits;
    try {
      bits = parts.length == 1 ? all : Integer.parseInt(parts[1]);
    } catch (NumberFormatException wrong) {
      throw new IllegalArgumentException(text + " is no network such as 10.0.0.0/8", wrong);
    }
    if (bits < 0 || bits > all) {
      throw new IllegalArgumentException(text + " must have 0 to " + all + " behind the slash");
    }
    return new Network(address.getAddress(), bits);
  }

  private static @Nullable InetAddress numeric(String text) {
    if (!NUMERIC.matcher(text).matches()) {
      return null;
    }
    try {
      return InetAddress.getByName(text); // numeric, so nobody is asked
    } catch (UnknownHostException none) {
      return null;
    }
  }

  /**
   * The address of a client, without a port.
   *
   * @param remote the other end of the connection
   * @param forwardedFor the header; null for none
   */
  public String of(InetAddress remote, @Nullable String forwardedFor) {
    InetAddress client = remote;
    if (forwardedFor != null && forwardedFor.length() <= MAX_HEADER) {
      List<String> hops = new ArrayList<>(List.of(forwardedFor.split(",")));
      while (isTrusted(client) && !hops.isEmpty()) {
        InetAddress before = numeric(hops.remove(hops.size() - 1).strip());
        if (before == null) {
          break; // a proxy that hides its clients
        }
        client = before;
      }
    }
    return client.getHostAddress();
  }

  private boolean isTrusted(InetAddress address) {
    return trusted.stream().anyMatch(network -> network.contains(address.getAddress()));
  }
}
