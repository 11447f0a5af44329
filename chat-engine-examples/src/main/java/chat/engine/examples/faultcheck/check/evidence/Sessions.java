package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sessions of a history, each with its own events in order. */
public final class Sessions {
  /** One session from its beginning to its end. */
  public static final class View {
    private final Event.Opened opened;
    private final List<Event.OfSession> events = new ArrayList<>();
    private long closedAt = Long.MAX_VALUE;

    private View(Event.Opened opened) {
      this.opened = opened;
    }

    public String name() {
      return opened.session();
    }

    public String user() {
      return opened.user();
    }

    public String node() {
      return opened.node();
    }

    public long openedAt() {
      return opened.at();
    }

    public long closedAt() {
      return closedAt;
    }

    public boolean openAt(long at) {
      return openedAt() <= at && at < closedAt;
    }

    public List<Event.OfSession> events() {
      return events;
    }
  }

  private final Map<String, View> byName = new LinkedHashMap<>();

  Sessions(History history) {
    history
        .events(Event.OfSession.class)
        .forEach(
            event -> {
              if (event instanceof Event.Opened opened) {
                byName.put(opened.session(), new View(opened));
              }
              View view = byName.get(event.session());
              if (view != null) {
                view.events.add(event);
                if (event instanceof Event.Closed closed) {
                  view.closedAt = Math.min(view.closedAt, closed.at());
                }
              }
            });
  }

  public Collection<View> all() {
    return byName.values();
  }

  public @Nullable View find(String session) {
    return byName.get(session);
  }
}
