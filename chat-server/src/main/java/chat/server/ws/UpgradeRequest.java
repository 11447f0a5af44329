package chat.server.ws;

import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a client asked for when it opened a connection.
 *
 * @param query the decoded parameters; of one given twice, the first
 * @param origin the page's, where a browser sent one
 * @param authorization the header of that name
 */
public record UpgradeRequest(
    InetSocketAddress remote,
    String path,
    Map<String, String> query,
    Optional<String> origin,
    Optional<String> authorization) {

  static UpgradeRequest of(
      InetSocketAddress remote, String target, String origin, String authorization) {
    int mark = target.indexOf('?');
    return new UpgradeRequest(
        remote,
        mark < 0 ? target : target.substring(0, mark),
        mark < 0 ? Map.of() : parameters(target.substring(mark + 1)),
        present(origin),
        present(authorization));
  }

  private static Optional<String> present(String header) {
    return header.isEmpty() ? Optional.empty() : Optional.of(header);
  }

  /**
   * @throws IllegalArgumentException for a broken escape
   */
  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters.putIfAbsent(
            URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }
}
