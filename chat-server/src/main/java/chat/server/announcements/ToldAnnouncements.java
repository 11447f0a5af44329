package chat.server.announcements;

import chat.engine.protocol.JsonObjects;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What one connection knows of the announcements: the welcome has those of its moment, and events
 * tell what changes from then on. Clients see from {@code until} when one is over. Thread-safe;
 * does not block.
 */
public final class ToldAnnouncements {
  private List<Announcement> told = List.of(); // guarded by this
  private boolean welcomed; // guarded by this

  /** Puts what is shown into the welcome, which is sent afterwards. */
  public synchronized void putInto(ObjectNode welcome, ShownAnnouncements shown) {
    told = shown.last().announcements();
    if (!told.isEmpty()) {
      ArrayNode list = welcome.putArray("announcements");
      told.forEach(one -> list.add(one.json()));
    }
  }

  /** The welcome was sent. Tells what has changed meanwhile. */
  public synchronized void welcomed(ShownAnnouncements shown, Consumer<ObjectNode> connection) {
    welcomed = true;
    tell(shown, connection);
  }

  /** Tells what has changed; nothing before the welcome. */
  public synchronized void tell(ShownAnnouncements shown, Consumer<ObjectNode> connection) {
    Announcements.Shown last = shown.last();
    List<Announcement> now = last.announcements();
    if (!welcomed || now == told) {
      return;
    }
    for (Announcement one : told) {
      if (!now.contains(one) && !one.isOver(last.time())) {
        connection.accept(event("announcement_withdrawn").put("id", Long.toString(one.id())));
      }
    }
    for (Announcement one : now) {
      if (!told.contains(one)) {
        connection.accept(one.putInto(event("announcement")));
      }
    }
    told = now;
  }

  private static ObjectNode event(String type) {
    return JsonObjects.object().put("type", type);
  }
}
