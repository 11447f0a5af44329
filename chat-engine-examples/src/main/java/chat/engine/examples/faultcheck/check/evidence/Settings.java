package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What one group was set to at which change, from its log. Not changed after it was made. */
public final class Settings {
  private static final String JOINED = "J";
  private static final String SAME = "-";

  private final List<Fact.Setting> log;

  Settings(List<Fact.Setting> unordered) {
    log = new ArrayList<>(unordered);
    log.sort(Comparator.comparingLong(Fact.Setting::rev));
  }

  /** The pace of slow mode after the change with the rev, in seconds; 0 for none. */
  public long slowSecondsAt(long rev) {
    long seconds = 0;
    for (Fact.Setting setting : log) {
      if (setting.rev() <= rev && setting.slowSeconds() >= 0) {
        seconds = setting.slowSeconds();
      }
    }
    return seconds;
  }

  /** Whether slow mode was off at some time between the changes with these revs. */
  public boolean wasQuickBetween(long from, long to) {
    return slowSecondsAt(from) == 0
        || log.stream().anyMatch(it -> it.rev() > from && it.rev() <= to && it.slowSeconds() == 0);
  }

  /** Whether members read from their joining on only, when the change with the rev came. */
  boolean isJoinedBefore(long rev) {
    boolean joined = false;
    for (Fact.Setting setting : log) {
      if (setting.rev() < rev && !setting.access().equals(SAME)) {
        joined = setting.access().equals(JOINED);
      }
    }
    return joined;
  }

  /** Whether it was so when the change with the rev came, or at some time after it. */
  boolean wasJoinedSince(long rev) {
    return isJoinedBefore(rev)
        || log.stream()
            .anyMatch(setting -> setting.rev() >= rev && setting.access().equals(JOINED));
  }

  /** Whether it was so for some time. */
  public boolean wasEverJoined() {
    return log.stream().anyMatch(setting -> setting.access().equals(JOINED));
  }
}
