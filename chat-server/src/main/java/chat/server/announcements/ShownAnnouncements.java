package chat.server.announcements;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * The announcements that this node shows, as it read them last. While the database is away it goes
 * on with what it knows, and lets go of what is over. Thread-safe.
 */
public final class ShownAnnouncements {
  private final Announcements announcements;
  private final InstantSource clock;
  private volatile List<Announcement> now = List.of();

  public ShownAnnouncements(Announcements announcements, InstantSource clock) {
    this.announcements = announcements;
    this.clock = clock;
  }

  /** Those that are shown, the oldest first. Does not block. */
  List<Announcement> now() {
    return now;
  }

  Instant time() {
    return clock.instant();
  }

  /**
   * Compares with the database, which it blocks on.
   *
   * @return whether something has changed, so that connections are to be told
   */
  public synchronized boolean compare() {
    List<Announcement> known = now;
    Instant time = clock.instant();
    now = known.stream().filter(one -> !one.isOver(time)).toList();
    List<Announcement> stored = announcements.shown();
    if (stored.equals(known)) {
      now = known;
      return false;
    }
    now = stored;
    return true;
  }
}
