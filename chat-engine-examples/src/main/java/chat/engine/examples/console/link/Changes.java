package chat.engine.examples.console.link;

import chat.engine.examples.console.screen.Times;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Says in a sentence how a conversation changed. Immutable. */
final class Changes {
  private final String me;
  private final Times times;

  Changes(String me, Times times) {
    this.me = me;
    this.times = times;
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
      case "updated" -> updated(change, by, label);
      case "banned" -> by + " banned " + whom + " from " + label + until(change) + ".";
      case "unbanned" ->
          by + (actor.equals(me) ? " let " : " lets ") + whom + " come to " + label + " again.";
      case "silenced" ->
          change.has("until")
              ? by + " silenced " + whom + " in " + label + until(change) + "."
              : by
                  + (actor.equals(me) ? " let " : " lets ")
                  + whom
                  + " write in "
                  + label
                  + " again.";
      case "pinned" -> by + " pinned message " + seq + " of " + label + ".";
      case "unpinned" -> by + " unpinned message " + seq + " of " + label + ".";
      case "deleted" -> by + " deleted " + label + ".";
      default -> null;
    };
  }

  private String until(JsonNode change) {
    return times.until(change.path("until").asString(""));
  }

  private static String updated(JsonNode change, String by, String label) {
    List<String> parts = new ArrayList<>();
    if (change.has("name")) {
      parts.add("it is called #" + change.get("name").asString());
    }
    if (change.has("description")) {
      String description = change.path("description").asString("");
      parts.add(
          description.isEmpty() ? "it has no description now" : "it is about: " + description);
    }
    if (change.has("slow_mode_seconds")) {
      long seconds = change.get("slow_mode_seconds").asLong();
      parts.add(
          seconds == 0
              ? "there is no slow mode"
              : "members wait " + seconds + " s between messages");
    }
    return by
        + " changed the settings of "
        + label
        + (parts.isEmpty() ? "." : ": " + String.join(", ", parts) + ".");
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
