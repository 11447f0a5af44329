package chat.server.announcements;

import chat.server.announcements.Announcements.Shown;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The announcements that this node shows, as it read them last. While the database is away it goes
 * on with what it knows, and lets go of what is over, by the clock that the nodes agree on.
 * Thread-safe.
 */
public final class ShownAnnouncements {
  private final Announcements announcements;
  private final InstantSource clock;
  private volatile Shown last = new Shown(Instant.EPOCH, List.of());

  public ShownAnnouncements(Announcements announcements, InstantSource clock) {
    this.announcements = announcements;
    this.clock = clock;
  }

  /** Those that are shown, as of the last comparison that found a change. Does not block. */
  Shown last() {
    return last;
  }

  /**
   * Compares with the database, which it blocks on.
   *
   * @return whether something has changed, so that connections are to be told
   */
  public synchronized boolean compare() {
    Shown known = last;
    Instant time = clock.instant();
    last =
        new Shown(time, known.announcements().stream().filter(one -> !one.isOver(time)).toList());
    Shown stored = announcements.shown();
    if (stored.announcements().equals(known.announcements())) {
      last = known;
      return false;
    }
    last = stored;
    return true;
  }
}
