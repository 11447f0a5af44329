package chat.server.http.route;

import chat.server.json.ApiException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * The path of a call without its escapes. A trailing slash makes no difference, and an escaped
 * slash separates no segments.
 */
public record CallPath(String text, String[] segments) {
  /**
   * @throws ApiException {@code bad_request} for a broken escape
   */
  public static CallPath of(String raw) {
    String path = raw.length() > 1 && raw.endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
    String[] segments = path.split("/", -1);
    if (path.indexOf('%') < 0) {
      return new CallPath(path, segments);
    }
    try {
      for (int i = 0; i < segments.length; i++) {
        String plus = segments[i].replace("+", "%2B"); // a space in forms, not in paths
        segments[i] = URLDecoder.decode(plus, StandardCharsets.UTF_8);
      }
    } catch (IllegalArgumentException broken) {
      throw ApiException.badRequest("the path has a broken escape");
    }
    return new CallPath(String.join("/", segments), segments);
  }
}
