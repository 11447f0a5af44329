package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Verb;
import java.util.List;
import java.util.Random;

/**
 * What owners set of their groups: how long members wait between two sends, whether they read what
 * was said before they joined, and, by the application, for how long messages are kept. Runs on the
 * client's thread.
 */
final class SettingActions {
  private static final int LONGEST_PACE_SECONDS = 3;
  private static final int SHORTEST_KEPT_SECONDS = 6;

  private final Talks talks;
  private final Random random;

  SettingActions(Talks talks, Random random) {
    this.talks = talks;
    this.random = random;
  }

  void next(DeviceSession session, long group) {
    int dice = random.nextInt(5);
    if (dice < 2) {
      pace(session, group);
    } else if (dice == 2) {
      retain(session, group);
    } else {
      access(session, group, random.nextInt(3) > 0);
    }
  }

  /** Slow mode begins more often than it ends, since an end says nothing where it is off. */
  private void pace(DeviceSession session, long group) {
    int seconds = random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(LONGEST_PACE_SECONDS);
    Client.await(
        session
            .calls()
            .call(Verb.SLOW, group, seconds, List.of(), "", "slow " + group + " " + seconds),
        session.wire());
  }

  /** The application says for how long messages are kept; mostly for a short time. */
  private void retain(DeviceSession session, long group) {
    talks.limited(group);
    int seconds = random.nextInt(4) == 0 ? 0 : SHORTEST_KEPT_SECONDS + random.nextInt(8);
    Client.await(
        session
            .calls()
            .call(Verb.RETAIN, group, seconds, List.of(), "", "retain " + group + " " + seconds),
        session.wire());
  }

  /** What is set of some groups from the beginning. */
  void begin(DeviceSession session, long group) {
    if (random.nextInt(3) == 0) {
      access(session, group, true);
    }
    if (random.nextInt(5) == 0) {
      retain(session, group);
    }
  }

  /**
   * @param joined whether members read from their joining on only
   */
  private void access(DeviceSession session, long group, boolean joined) {
    String access = joined ? "joined" : "all";
    Client.await(
        session
            .calls()
            .call(Verb.ACCESS, group, 0, List.of(), access, "access " + group + " " + access),
        session.wire());
  }
}
