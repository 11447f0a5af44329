package chat.engine.examples.console.model;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The conversations of the user, and which of them is open. Thread-safe. */
public final class Conversations {
  private final Map<String, Conversation> byId = new LinkedHashMap<>();
  private @Nullable Conversation open;

  /** The one that is written to, or null. */
  public synchronized @Nullable Conversation open() {
    return open;
  }

  public synchronized void open(Conversation chosen) {
    open = chosen;
    chosen.setUnread(0);
  }

  /** Nothing is written to. */
  public synchronized void close() {
    open = null;
  }

  public synchronized boolean isOpen(Conversation conversation) {
    return open == conversation;
  }

  /** All that have an id, those with the latest news at the end. */
  public synchronized List<Conversation> all() {
    return List.copyOf(byId.values());
  }

  public synchronized @Nullable Conversation byId(String id) {
    return byId.get(id);
  }

  public synchronized @Nullable Conversation named(String name, boolean group) {
    return byId.values().stream()
        .filter(known -> known.isGroup() == group && known.name().equalsIgnoreCase(name))
        .findFirst()
        .orElse(null);
  }

  /** By its label: a name of a person, or {@code #} and that of a group. */
  public @Nullable Conversation labelled(String label) {
    return label.startsWith("#") ? named(label.substring(1), true) : named(label, false);
  }

  /** The conversation with this id, made if it is new; the open one if that had no id yet. */
  public synchronized Conversation known(String id, String name, boolean group) {
    Conversation known = byId.get(id);
    if (known == null) {
      boolean begun =
          open != null && open.id() == null && !group && open.name().equalsIgnoreCase(name);
      known = begun && open != null ? open : new Conversation(name, group);
      known.begin(id);
      byId.put(id, known);
    }
    return known;
  }

  /** It has news: it goes to the end of the list. */
  public synchronized void touch(Conversation conversation) {
    String id = conversation.id();
    if (id != null && byId.remove(id) != null) {
      byId.put(id, conversation);
    }
  }

  public synchronized void rename(Conversation group, String name) {
    group.rename(name);
  }

  public synchronized void forget(Conversation left) {
    byId.values().remove(left);
    if (open == left) {
      open = null;
    }
  }

  /** Unread messages of all that are not open, without those that are muted. */
  public synchronized long unreadElsewhere(Instant now) {
    return byId.values().stream()
        .filter(known -> known != open && !known.isMuted(now))
        .mapToLong(Conversation::unread)
        .sum();
  }
}
