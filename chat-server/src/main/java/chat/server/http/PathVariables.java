package chat.server.http;

import java.util.HashMap;
import java.util.Map;

/** What stands in a path where its route has a name in braces. */
final class PathVariables {
  private PathVariables() {}

  static boolean matches(String route, String path) {
    String[] names = route.split("/", -1);
    String[] segments = path.split("/", -1);
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
   * @param path that matches the route
   */
  static Map<String, String> of(String route, String path) {
    String[] names = route.split("/", -1);
    String[] segments = path.split("/", -1);
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
