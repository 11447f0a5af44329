package chat.server.verbs.caller;

import chat.engine.ConversationId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Conversations that a connection has found by name, so that the next send needs no look-up. The
 * ones used last are kept. Thread-safe.
 */
public final class KnownConversations {
  private static final int MOST = 256;
  private static final String USER = "@";
  private static final String GROUP = "#";

  private @Nullable Map<String, ConversationId> byName; // few connections send by name

  public static String keyOfUser(String name) {
    return USER + name;
  }

  public static String keyOfGroup(String name) {
    return GROUP + name;
  }

  /** What a name was found to mean. */
  public synchronized @Nullable ConversationId find(String name) {
    return byName == null ? null : byName.get(name);
  }

  public synchronized void put(String name, ConversationId conversation) {
    if (byName == null) {
      byName =
          new LinkedHashMap<>(8, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, ConversationId> eldest) {
              return size() > MOST;
            }
          };
    }
    byName.put(name, conversation);
  }

  /** What the name means is to be asked again. */
  public synchronized void forget(String name) {
    if (byName != null) {
      byName.remove(name);
    }
  }

  /** Its name may mean another one from now on. */
  public synchronized void forget(ConversationId conversation) {
    if (byName != null) {
      byName.values().removeIf(conversation::equals);
    }
  }

  /** Who may be written to is to be asked again. */
  public synchronized void forgetUsers() {
    if (byName != null) {
      byName.keySet().removeIf(key -> key.startsWith(USER));
    }
  }
}
