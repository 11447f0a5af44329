package chat.server.ws;

import chat.server.uri.QueryString;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * What a client asked for when it opened a connection.
 *
 * @param query the decoded parameters; of one given twice, the first
 * @param origin the page's, where a browser sent one
 * @param authorization the header of that name
 * @param remote the other end of the connection
 * @param forwardedFor for whom a proxy made the connection, if it says so; anybody can
 */
public record UpgradeRequest(
    String path,
    Map<String, String> query,
    Optional<String> origin,
    Optional<String> authorization,
    InetAddress remote,
    Optional<String> forwardedFor) {

  /**
   * @throws IllegalArgumentException for a broken escape
   */
  static UpgradeRequest of(
      String target, String origin, String authorization, InetAddress remote, String forwardedFor) {
    int mark = target.indexOf('?');
    return new UpgradeRequest(
        mark < 0 ? target : target.substring(0, mark),
        QueryString.parameters(mark < 0 ? null : target.substring(mark + 1)),
        present(origin),
        present(authorization),
        remote,
        present(forwardedFor));
  }

  private static Optional<String> present(String header) {
    return header.isEmpty() ? Optional.empty() : Optional.of(header);
  }
}
