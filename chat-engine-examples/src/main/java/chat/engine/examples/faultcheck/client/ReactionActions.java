package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A user reacts to messages and takes reactions back: some at once, some on another device at the
 * same time. Runs on the client's thread.
 */
final class ReactionActions {
  private static final List<String> EMOJI =
      List.of("\ud83d\udc4d", "\u2764\ufe0f", "\ud83d\ude02", "\ud83c\udf89");

  /** So far behind the newest message. */
  private static final int LATEST = 8;

  private final Client client;
  private final Random random;

  ReactionActions(Client client, Random random) {
    this.client = client;
    this.random = random;
  }

  void next(DeviceSession session, @Nullable Long conversation) {
    long last = conversation == null ? 0 : client.memory().seq(conversation);
    if (conversation == null || last == 0) {
      return;
    }
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      outcomes.add(
          session
              .calls()
              .react(
                  conversation,
                  seq(last),
                  emoji(),
                  on(),
                  rev -> client.memory().reacted(conversation, rev)));
    }
    if (random.nextInt(5) == 0) {
      client.elsewhere(
          (calls, wire) ->
              Client.await(calls.react(conversation, seq(last), emoji(), on(), rev -> {}), wire));
    }
    outcomes.forEach(outcome -> Client.await(outcome, session.wire()));
  }

  private long seq(long last) {
    return Math.max(1, last - random.nextInt(LATEST));
  }

  private String emoji() {
    return EMOJI.get(random.nextInt(EMOJI.size()));
  }

  private boolean on() {
    return random.nextInt(3) > 0;
  }
}
