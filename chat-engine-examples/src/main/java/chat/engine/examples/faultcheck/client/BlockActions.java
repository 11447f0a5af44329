package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A user blocks the peers of direct conversations, and ends that. Runs on the client's thread. */
final class BlockActions {
  private final Client client;
  private final Talks talks;
  private final Set<String> blocked = new HashSet<>();

  BlockActions(Client client, Talks talks) {
    this.client = client;
    this.talks = talks;
  }

  void next(DeviceSession session, @Nullable Long conversation) {
    String peer = conversation == null ? "" : talks.peer(conversation, client.user());
    if (conversation == null || peer.isEmpty() || talks.isMortal(peer)) {
      return;
    }
    if (!blocked.contains(peer)) {
      talks.closing(conversation);
      blocked.add(peer);
      call(session, Verb.BLOCK, conversation, peer, "block ");
    } else if (call(session, Verb.UNBLOCK, conversation, peer, "unblock ") == Outcome.OK) {
      blocked.remove(peer);
    }
  }

  private static @Nullable Outcome call(
      DeviceSession session, Verb verb, long conversation, String peer, String request) {
    return Client.await(
        session.calls().call(verb, conversation, 0, List.of(peer), "", request + peer),
        session.wire());
  }
}
