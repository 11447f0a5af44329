package chat.engine.examples.console.link;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Says in a sentence how a conversation changed. Immutable. */
final class Changes {
  private final String me;

  Changes(String me) {
    this.me = me;
  }

  /**
   * @param change as in an event {@code conversation}
   * @param label of the conversation before the change
   * @return null if it is nothing that people talk about
   */
  @Nullable String sentence(JsonNode change, String label) {
    String actor = change.path("by").asString("");
    String by = subject(actor);
    String whom = whom(change);
    String seq = Long.toString(change.path("seq").asLong(0));
    return switch (change.path("kind").asString("")) {
      case "added" ->
          by + " added " + whom + " to " + label + (concernsMe(change) ? hint(label) : "") + ".";
      case "removed" ->
          names(change).equals(List.of(actor))
              ? by + " left " + label + "."
              : by + " removed " + whom + " from " + label + ".";
      case "role_set" ->
          by
              + " gave "
              + whom
              + " the role "
              + change.path("role").asString("")
              + " in "
              + label
              + ".";
      case "renamed" -> by + " renamed " + label + " to #" + change.path("name").asString("") + ".";
      case "updated" -> by + " changed the settings of " + label + ".";
      case "banned" -> by + " banned " + whom + " from " + label + ".";
      case "unbanned" -> by + " lets " + whom + " come to " + label + " again.";
      case "silenced" ->
          change.has("until")
              ? by + " silenced " + whom + " in " + label + "."
              : by + " lets " + whom + " write in " + label + " again.";
      case "pinned" -> by + " pinned message " + seq + " of " + label + ".";
      case "unpinned" -> by + " unpinned message " + seq + " of " + label + ".";
      case "deleted" -> by + " deleted " + label + ".";
      default -> null;
    };
  }

  /** How to go where one was added, which does not happen by itself. */
  static String hint(String label) {
    return "; /to " + label + " to write there";
  }

  /** Whether it is about the user, as far as the event names those whom it is about. */
  boolean concernsMe(JsonNode change) {
    return names(change).contains(me);
  }

  private String whom(JsonNode change) {
    List<String> names = names(change).stream().map(this::called).toList();
    int count = change.path("count").asInt(names.size());
    return count > 3 ? count + " members" : String.join(", ", names);
  }

  private static List<String> names(JsonNode change) {
    List<String> names = new ArrayList<>();
    if (change.has("username")) {
      names.add(change.get("username").asString());
    }
    change.path("usernames").forEach(name -> names.add(name.asString()));
    return names;
  }

  /** At the beginning of a sentence. */
  String subject(String username) {
    return username.equals(me) ? "You" : username.isEmpty() ? "The server" : username;
  }

  private String called(String username) {
    return username.equals(me) ? "you" : username.isEmpty() ? "the server" : username;
  }
}
