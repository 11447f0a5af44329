package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A user pins messages, of own groups and of direct conversations, and unpins them: some at once,
 * some on another device at the same time. Runs on the client's thread.
 */
final class PinActions {
  /** So far behind the newest message; few, so that one is pinned and unpinned again and again. */
  private static final int LATEST = 6;

  private final Client client;
  private final Talks talks;
  private final Random random;

  PinActions(Client client, Talks talks, Random random) {
    this.client = client;
    this.talks = talks;
    this.random = random;
  }

  void next(DeviceSession session, @Nullable Long conversation) {
    long last = conversation == null ? 0 : client.memory().seq(conversation);
    if (conversation == null || last == 0 || !mayPin(conversation)) {
      return;
    }
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      outcomes.add(session.calls().pin(verb(), conversation, seq(last)));
    }
    if (random.nextInt(5) == 0) {
      client.elsewhere(
          (calls, wire) -> Client.await(calls.pin(verb(), conversation, seq(last)), wire));
    }
    outcomes.forEach(outcome -> Client.await(outcome, session.wire()));
  }

  /** Others try it now and then, and are refused. */
  private boolean mayPin(long conversation) {
    return talks.isGroupOf(conversation, client.user())
        || !talks.peer(conversation, client.user()).isEmpty()
        || random.nextInt(8) == 0;
  }

  private Verb verb() {
    return random.nextInt(3) > 0 ? Verb.PIN : Verb.UNPIN;
  }

  private long seq(long last) {
    return Math.max(1, last - random.nextInt(LATEST));
  }
}
