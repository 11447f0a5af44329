package chat.engine.examples.console.link;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What the operator of the server says to all users, as sentences. Each is told once, however often
 * the connection is made again. For one thread.
 */
final class Announcements {
  private final Map<String, String> told = new HashMap<>(); // id -> text

  /** Null if it was told before. */
  @Nullable String announced(JsonNode event) {
    String text = event.get("text").asString();
    if (told.put(event.get("id").asString(), text) != null) {
      return null;
    }
    return (isWarning(event) ? "Warning of the operator: " : "The operator says: ") + text;
  }

  static boolean isWarning(JsonNode event) {
    return event.path("kind").asString("").equals("warning");
  }

  /** Null if it was never told. */
  @Nullable String withdrawn(JsonNode event) {
    String text = told.remove(event.get("id").asString());
    return text == null ? null : "The operator takes back: " + text;
  }
}
