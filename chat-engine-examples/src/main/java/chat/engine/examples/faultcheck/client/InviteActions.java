package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.Random;

/**
 * Owners make invites to their groups, of which most let only a few users join, and revoke some;
 * anybody joins by those that somebody made, also by such as are used up or revoked. Runs on the
 * client's thread.
 */
final class InviteActions {
  /** More than this lets any number join. */
  private static final int MOST_USES = 3;

  private final Client client;
  private final Talks talks;
  private final Recorder recorder;
  private final Random random;

  InviteActions(Client client, Talks talks, Recorder recorder, Random random) {
    this.client = client;
    this.talks = talks;
    this.recorder = recorder;
    this.random = random;
  }

  /** What an owner does. */
  void administer(DeviceSession session, long group) {
    List<Talks.Invite> made =
        talks.invites().stream().filter(invite -> invite.group() == group).toList();
    if (made.isEmpty() || random.nextInt(3) > 0) {
      int uses = random.nextInt(MOST_USES + 1);
      Client.await(
          session
              .calls()
              .invite(group, uses, (id, code) -> talks.add(new Talks.Invite(group, id, code))),
          session.wire());
    } else {
      String invite = some(made).id();
      Client.await(
          session
              .calls()
              .call(Verb.REVOKE, group, 0, List.of(), invite, "revoke " + group + " " + invite),
          session.wire());
    }
  }

  /** Joins by an invite, mostly to a group that this user is not in. */
  void join(DeviceSession session) {
    List<Long> known = client.memory().conversations();
    List<Talks.Invite> open =
        talks.invites().stream()
            .filter(invite -> talks.mayWrite(invite.group(), recorder.now()))
            .filter(invite -> !known.contains(invite.group()) || random.nextInt(6) == 0)
            .toList();
    if (!open.isEmpty()) {
      Talks.Invite invite = some(open);
      Client.await(
          session.calls().join(invite.group(), invite.id(), invite.code()), session.wire());
    }
  }

  private Talks.Invite some(List<Talks.Invite> invites) {
    return invites.get(random.nextInt(invites.size()));
  }
}
