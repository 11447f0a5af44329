package chat.server.http.route;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Paths and methods to what answers them. Filled before it is used; then thread-safe.
 *
 * @param <T> what answers a call
 */
public final class RouteTable<T> {
  /** The methods of one path, which may have variables. */
  private record Path<T>(String name, PathVariables variables, Map<String, T> targets) {}

  /**
   * @param name the path as it was added
   */
  public record Match<T>(String name, T target, Map<String, String> inPath) {}

  private final Map<String, Path<T>> paths = new TreeMap<>(); // a brace comes behind letters
  private final List<Path<T>> withVariables = new ArrayList<>(); // in the same order

  public void add(String method, String path, T target) {
    Path<T> there = paths.get(path);
    if (there == null) {
      there = new Path<>(path, new PathVariables(path), new HashMap<>());
      paths.put(path, there);
      withVariables.clear();
      paths.values().stream().filter(any -> any.variables().any()).forEach(withVariables::add);
    }
    there.targets().put(method, target);
  }

  /** The methods of each path that there is. */
  public Map<String, Set<String>> methods() {
    Map<String, Set<String>> methods = new TreeMap<>();
    paths.forEach((path, there) -> methods.put(path, Set.copyOf(there.targets().keySet())));
    return methods;
  }

  /**
   * The route of a call: rather one whose path is written so than one with variables.
   *
   * @param path without escapes
   * @return null if there is nothing at this path, or nothing that takes this method
   */
  public @Nullable Match<T> find(String method, String path, String[] segments) {
    Path<T> exact = paths.get(path);
    if (exact != null && !exact.variables().any()) {
      T target = exact.targets().get(method);
      if (target != null) {
        return new Match<>(exact.name(), target, Map.of());
      }
    }
    for (Path<T> candidate : withVariables) {
      T target = candidate.targets().get(method);
      if (target != null && candidate.variables().match(segments)) {
        return new Match<>(candidate.name(), target, candidate.variables().of(segments));
      }
    }
    return null;
  }

  /** The methods that a path takes; none if there is nothing at it. */
  public Set<String> methodsAt(String path, String[] segments) {
    Set<String> methods = new TreeSet<>();
    Path<T> exact = paths.get(path);
    if (exact != null && !exact.variables().any()) {
      methods.addAll(exact.targets().keySet());
    }
    withVariables.stream()
        .filter(candidate -> candidate.variables().match(segments))
        .forEach(candidate -> methods.addAll(candidate.targets().keySet()));
    return methods;
  }

  public static ApiException refusal(String method, Set<String> there) {
    return there.isEmpty()
        ? ApiException.of(ApiError.NOT_FOUND, "there is nothing at this path")
        : ApiException.of(ApiError.METHOD_NOT_ALLOWED, "this path does not take " + method);
  }
}
