package chat.engine.examples.console.model;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The contacts, and who of them is there. Thread-safe. */
public final class People {
  private final Map<String, Boolean> online = new TreeMap<>();

  /** Takes over a list of all contacts, as the server tells it. */
  public synchronized void setAll(JsonNode users) {
    online.clear();
    for (JsonNode user : users) {
      online.put(user.get("username").asString(), user.get("online").asBoolean());
    }
  }

  /**
   * @return whether that is another state than the one that was known
   */
  public synchronized boolean set(String username, boolean there) {
    Boolean before = online.put(username, there);
    return before != null && before != there;
  }

  public synchronized void remove(String username) {
    online.remove(username);
  }

  public synchronized boolean isOnline(String username) {
    return online.getOrDefault(username, false);
  }

  public synchronized List<String> names() {
    return List.copyOf(online.keySet());
  }
}
