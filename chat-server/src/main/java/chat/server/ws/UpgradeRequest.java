package chat.server.ws;

import chat.server.uri.QueryString;
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
    String path,
    Map<String, String> query,
    Optional<String> origin,
    Optional<String> authorization) {

  /**
   * @throws IllegalArgumentException for a broken escape
   */
  static UpgradeRequest of(String target, String origin, String authorization) {
    int mark = target.indexOf('?');
    return new UpgradeRequest(
        mark < 0 ? target : target.substring(0, mark),
        QueryString.parameters(mark < 0 ? null : target.substring(mark + 1)),
        present(origin),
        present(authorization));
  }

  private static Optional<String> present(String header) {
    return header.isEmpty() ? Optional.empty() : Optional.of(header);
  }
}
