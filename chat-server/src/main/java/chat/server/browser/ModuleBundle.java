package chat.server.browser;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One script that does what an ES module and all that it imports do: a browser fetches it faster
 * than a hundred files. Each module becomes a function that gives what it exports; they run in the
 * order in which the browser would run the modules.
 *
 * <p>It knows the import and export statements that the page and its libraries use, and no other
 * JavaScript. Modules must not import one another in a circle, nor export what they assign later.
 * Not thread-safe.
 */
final class ModuleBundle {
  private static final String BEGIN = "(?:(?m:^)|(?<=[;}]))";
  private static final String FROM = "\\s*from\\s*\"([^\"]+)\";";
  private static final String NAMES = "\\s*\\{([^}]*)\\}";

  private static final Pattern IMPORT = Pattern.compile(BEGIN + "import" + NAMES + FROM);
  private static final Pattern IMPORT_DEFAULT = Pattern.compile(BEGIN + "import (\\w+)" + FROM);
  private static final Pattern IMPORT_EFFECT = Pattern.compile(BEGIN + "import \"([^\"]+)\";");
  private static final Pattern EXPORT_ALL = Pattern.compile(BEGIN + "export \\*" + FROM);
  private static final Pattern EXPORT_OTHERS = Pattern.compile(BEGIN + "export" + NAMES + FROM);
  private static final Pattern EXPORT_NAMES = Pattern.compile(BEGIN + "export" + NAMES + ";");
  private static final Pattern EXPORT_DEFAULT = Pattern.compile(BEGIN + "export default ");
  private static final Pattern EXPORT =
      Pattern.compile(BEGIN + "export ((?:async function|function|class|const) (\\w+))");
  private static final Pattern DEPENDENCY =
      Pattern.compile(
          BEGIN + "(?:import|export)(?:\\s*\\{[^}]*\\}| \\*| \\w+)?(?:\\s*from)?\\s*\"([^\"]+)\";");
  private static final Pattern UNKNOWN = Pattern.compile("(?m)^(?:import|export)\\b.*");

  private final Map<String, byte[]> files;
  private final Map<String, String> named;
  private final Map<String, String> modules = new LinkedHashMap<>(); // path -> its constant
  private final Set<String> begun = new TreeSet<>();
  private final StringBuilder script = new StringBuilder();

  private ModuleBundle(Map<String, byte[]> files, Map<String, String> named) {
    this.files = files;
    this.named = named;
  }

  /**
   * @param files by path
   * @param named the paths of modules that are imported by a name, as in an import map
   * @param entry the path of the module that runs last
   * @throws IllegalStateException if it cannot be done, with the module and the reason
   */
  static String of(Map<String, byte[]> files, Map<String, String> named, String entry) {
    ModuleBundle bundle = new ModuleBundle(files, named);
    bundle.take(entry);
    return bundle.script.toString();
  }

  /** The constant that has what a module exports. */
  private String take(String path) {
    String known = modules.get(path);
    if (known != null) {
      return known;
    }
    byte[] source = files.get(path);
    if (source == null) {
      throw new IllegalStateException("a module is imported that is not there: " + path);
    }
    if (!begun.add(path)) {
      throw new IllegalStateException("modules import one another in a circle: " + path);
    }
    String body = body(path, new String(source, StandardCharsets.UTF_8));
    String constant = "$" + modules.size();
    modules.put(path, constant);
    script
        .append("// ---- ")
        .append(path)
        .append("\nconst ")
        .append(constant)
        .append(" = (() => {\nconst $exports = {};\n")
        .append(body)
        .append("\n})();\n");
    return constant;
  }

  private String body(String path, String source) {
    DEPENDENCY.matcher(source).results().forEach(found -> use(path, found.group(1)));
    List<String> exported = new ArrayList<>();
    String body = replace(source, IMPORT_EFFECT, found -> use(path, found.group(1)) + ";");
    body =
        replace(
            body,
            IMPORT_DEFAULT,
            found -> "const " + found.group(1) + " = " + use(path, found.group(2)) + ".default;");
    body =
        replace(
            body,
            IMPORT,
            found ->
                "const {" + renamed(found.group(1)) + "} = " + use(path, found.group(2)) + ";");
    body =
        replace(
            body,
            EXPORT_ALL,
            found -> "Object.assign($exports, " + use(path, found.group(1)) + ");");
    body =
        replace(
            body,
            EXPORT_OTHERS,
            found ->
                "{ const {"
                    + renamed(found.group(1))
                    + "} = "
                    + use(path, found.group(2))
                    + "; Object.assign($exports, {"
                    + newNames(found.group(1))
                    + "}); }");
    body =
        replace(
            body,
            EXPORT_NAMES,
            found -> {
              exported.add(turned(found.group(1)));
              return "";
            });
    body = replace(body, EXPORT_DEFAULT, found -> "$exports.default = ");
    body =
        replace(
            body,
            EXPORT,
            found -> {
              exported.add(found.group(2));
              return found.group(1);
            });
    Matcher unknown = UNKNOWN.matcher(body);
    if (unknown.find()) {
      throw new IllegalStateException(path + " has a statement not known here: " + unknown.group());
    }
    return body + "\nreturn Object.assign($exports, { " + String.join(", ", exported) + " });";
  }

  private interface Replacement {
    String of(MatchResult found);
  }

  private static String replace(String text, Pattern pattern, Replacement replacement) {
    return pattern
        .matcher(text)
        .replaceAll(found -> Matcher.quoteReplacement(replacement.of(found)));
  }

  private String use(String importer, String name) {
    String path = named.get(name);
    return take(path != null ? path : URI.create(importer).resolve(name).getPath());
  }

  /** Of {@code a as b}: as destructuring has it. */
  private static String renamed(String names) {
    return names.replaceAll("\\s+as\\s+", ": ");
  }

  /** Of {@code a as b}: b alone. */
  private static String newNames(String names) {
    return names.replaceAll("[\\w$]+\\s+as\\s+", "");
  }

  /** Of {@code a as b}: as an object has it. */
  private static String turned(String names) {
    return names.replaceAll("([\\w$]+)\\s+as\\s+([\\w$]+)", "$2: $1");
  }
}
