package chat.server.outgoing;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Keeps this server from calling what only it can reach, such as the database or the metadata of a
 * cloud, for users who name an address. Such an address must be https and lead to the public
 * internet, wherever its name leads. The JVM keeps what it has looked up for half a minute, so the
 * call goes to the addresses that were looked at; and a name that leads elsewhere after that finds
 * no certificate for it there.
 */
public final class PublicAddresses {
  private final boolean all;

  private PublicAddresses(boolean all) {
    this.all = all;
  }

  public static PublicAddresses only() {
    return new PublicAddresses(false);
  }

  /** Takes every address, also without TLS: where users are trusted, and for tests. */
  public static PublicAddresses all() {
    return new PublicAddresses(true);
  }

  /**
   * @throws IllegalArgumentException if this is no address that may be called, wherever its name
   *     leads
   */
  public void requireForm(URI url) {
    boolean scheme = "https".equals(url.getScheme()) || (all && "http".equals(url.getScheme()));
    if (!scheme || url.getHost() == null || url.getUserInfo() != null) {
      throw new IllegalArgumentException("it must be an https address without a user");
    }
  }

  /**
   * Looks a name up; blocks.
   *
   * @throws OutgoingFault if it cannot be found, or one of its addresses is not public
   * @throws IllegalArgumentException as {@link #requireForm}
   */
  public void require(URI url) {
    requireForm(url);
    if (all) {
      return;
    }
    String host = url.getHost();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!isPublic(address)) {
          throw new OutgoingFault(host + " is no address of the public internet");
        }
      }
    } catch (UnknownHostException unknown) {
      throw new OutgoingFault(host + " is no address of the public internet", unknown);
    }
  }

  /** Whether anybody can reach it; see the registries of special addresses (RFC 6890). */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? isPublic6(bytes) : isPublic4(bytes);
  }

  private static boolean isPublic4(byte[] bytes) {
    int first = bytes[0] & 0xff;
    int second = bytes[1] & 0xff;
    int third = bytes[2] & 0xff;
    return first != 0
        && first < 240
        && !(first == 100 && (second & 0xc0) == 64) // shared by the customers of a provider
        && !(first == 192 && second == 0 && (third == 0 || third == 2))
        && !(first == 198 && (second & 0xfe) == 18)
        && !(first == 198 && second == 51 && third == 100)
        && !(first == 203 && second == 0 && third == 113);
  }

  private static boolean isPublic6(byte[] bytes) {
    if (startsWith(bytes, 0x00, 0x64, 0xff, 0x9b)) { // a translator to IPv4
      return isPublic4Inside(bytes, 12);
    }
    if (startsWith(bytes, 0x20, 0x02)) { // 6to4
      return isPublic4Inside(bytes, 2);
    }
    boolean global = (bytes[0] & 0xe0) == 0x20;
    return global
        && !startsWith(bytes, 0x20, 0x01, 0x00) // Teredo and others of RFC 2928
        && !startsWith(bytes, 0x20, 0x01, 0x0d, 0xb8); // for documentation
  }

  private static boolean isPublic4Inside(byte[] bytes, int from) {
    try {
      return isPublic(InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4)));
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible); // there are four bytes
    }
  }

  private static boolean startsWith(byte[] bytes, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}
