package chat.engine.examples.console.command;

import chat.engine.examples.console.link.Link;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the server knows of people, for lists of them. Blocks. */
public final class LookUp {
  private static final int AT_ONCE = 100;

  private final Link link;

  LookUp(Link link) {
    this.link = link;
  }

  /** Who of them is there; those are left out about whom the user may not ask. */
  public Map<String, Boolean> online(List<String> usernames) {
    Map<String, Boolean> online = new HashMap<>();
    for (JsonNode user : ask("presence", usernames, "users")) {
      online.put(user.get("username").asString(), user.get("online").asBoolean());
    }
    return online;
  }

  /** The names by which they are shown; those are left out who have set none. */
  public Map<String, String> displayNames(List<String> usernames) {
    Map<String, String> names = new HashMap<>();
    for (int from = 0; from < usernames.size(); from += AT_ONCE) {
      List<String> some = usernames.subList(from, Math.min(usernames.size(), from + AT_ONCE));
      for (JsonNode profile : ask("profiles", some, "profiles")) {
        String name = profile.path("display_name").asString("");
        if (!name.isEmpty()) {
          names.put(profile.get("username").asString(), name);
        }
      }
    }
    return names;
  }

  private JsonNode ask(String type, List<String> usernames, String field) {
    ObjectNode request = Link.request(type);
    Talk.putAll(request, "usernames", usernames);
    return link.ask(request).path(field);
  }

  /** The username, which commands need, and what else somebody is called. */
  public static String called(String username, Map<String, String> displayNames) {
    String name = displayNames.get(username);
    return name == null ? username : username + " (" + name + ")";
  }
}
