package chat.server.http.route;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The segments of a route's path; a name in braces stands for any segment that is not empty. */
final class PathVariables {
  private final String[] names;
  private final boolean any;

  PathVariables(String route) {
    this.names = route.split("/", -1);
    this.any = Stream.of(names).anyMatch(PathVariables::isVariable);
  }

  /** Whether there is a name in braces. */
  boolean any() {
    return any;
  }

  boolean match(String[] segments) {
    if (names.length != segments.length) {
      return false;
    }
    for (int i = 0; i < names.length; i++) {
      if (isVariable(names[i]) ? segments[i].isEmpty() : !names[i].equals(segments[i])) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param segments that match
   */
  Map<String, String> of(String[] segments) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < names.length; i++) {
      if (isVariable(names[i])) {
        variables.put(names[i].substring(1, names[i].length() - 1), segments[i]);
      }
    }
    return variables;
  }

  private static boolean isVariable(String name) {
    return name.startsWith("{");
  }
}
