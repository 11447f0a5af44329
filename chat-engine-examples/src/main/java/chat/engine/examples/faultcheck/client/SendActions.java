package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.client.device.Wire.Answer;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What a user says: new messages and forwards, again what was not acknowledged, and once more what
 * was; and what becomes of it: edits, deletions, and reads of former versions. Runs on the client's
 * thread.
 */
final class SendActions {
  /**
   * A send that still has to be acknowledged.
   *
   * @param original of a forward, else null
   */
  private record Pending(
      long conversation, String clientId, String mentions, @Nullable Original original) {}

  private record Original(long conversation, long seq) {}

  /** A message that was acknowledged. */
  private record Own(long conversation, long seq) {}

  private static final int MOST_SENT_KEPT = 20;

  /** So far behind the newest message. */
  private static final int LATEST = 10;

  private static final double GIVE_UP = 0.25;
  private static final double GIVE_UP_REFUSED = 0.5;

  private final Client client;
  private final Talks talks;
  private final Recorder recorder;
  private final Random random;
  private final Deque<Pending> unacknowledged = new ArrayDeque<>();
  private final Deque<Pending> acknowledged = new ArrayDeque<>();
  private final Deque<Own> own = new ConcurrentLinkedDeque<>();
  private int sent;
  private int edits;

  SendActions(Client client, Talks talks, Recorder recorder, Random random) {
    this.client = client;
    this.talks = talks;
    this.recorder = recorder;
    this.random = random;
  }

  /** Sends some messages at once. */
  void next(DeviceSession session, @Nullable Long conversation, int count) {
    if (conversation == null) {
      return;
    }
    List<Pending> burst = new ArrayList<>();
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Pending message =
          new Pending(conversation, client.user() + "-" + ++sent, mentions(conversation), null);
      burst.add(message);
      outcomes.add(send(session, message));
    }
    for (int i = 0; i < count; i++) {
      settle(burst.get(i), Client.await(outcomes.get(i), session.wire()));
    }
  }

  /**
   * Sends a message that a bot has to answer.
   *
   * @param mentions the bot, or {@code -} where each message is for it
   */
  void ask(DeviceSession session, long conversation, String mentions) {
    Pending message = new Pending(conversation, client.user() + "-" + ++sent, mentions, null);
    settle(message, Client.await(send(session, message), session.wire()));
  }

  /** Sends what was said here or somewhere else, mostly lately. */
  void forward(DeviceSession session, @Nullable Long conversation) {
    List<Long> origins = client.memory().conversations();
    if (conversation == null || origins.isEmpty()) {
      return;
    }
    long origin = origins.get(random.nextInt(origins.size()));
    long last = client.memory().seq(origin);
    if (last > 0) {
      Original original = new Original(origin, Math.max(1, last - random.nextInt(LATEST)));
      Pending message = new Pending(conversation, client.user() + "-" + ++sent, "-", original);
      settle(message, Client.await(send(session, message), session.wire()));
    }
  }

  /** Mostly nobody; else some who have said something there, and may be out of it by now. */
  private String mentions(long conversation) {
    List<String> speakers = new ArrayList<>(client.memory().speakers(conversation));
    Collections.shuffle(speakers, random);
    return speakers.isEmpty() || random.nextInt(4) > 0
        ? "-"
        : String.join(",", speakers.subList(0, Math.min(speakers.size(), 1 + random.nextInt(3))));
  }

  private CompletableFuture<Outcome> send(DeviceSession session, Pending message) {
    BiConsumer<Long, Answer> applied =
        (op, answer) -> {
          long seq = Long.parseLong(answer.words()[0]);
          client.memory().has(message.conversation(), seq, client.user());
          own.addFirst(new Own(message.conversation(), seq));
          if (own.size() > MOST_SENT_KEPT) {
            own.pollLast();
          }
        };
    Original original = message.original();
    return original == null
        ? session
            .calls()
            .send(
                Verb.SEND, message.conversation(), message.clientId(), message.mentions(), applied)
        : session
            .calls()
            .forward(
                message.conversation(),
                message.clientId(),
                original.conversation(),
                original.seq(),
                applied);
  }

  /** Edits an own message, mostly a late one, or deletes it; some at once, and some twice. */
  void change(DeviceSession session) {
    List<Own> mine = List.copyOf(own);
    if (mine.isEmpty()) {
      return;
    }
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      Own message = mine.get(random.nextInt(Math.min(mine.size(), 1 + random.nextInt(20))));
      if (talks.mayWrite(message.conversation(), recorder.now())) {
        boolean deletes = random.nextInt(4) == 0;
        outcomes.add(
            session
                .calls()
                .change(
                    deletes ? Verb.UNSEND : Verb.EDIT,
                    message.conversation(),
                    message.seq(),
                    deletes ? "-" : client.user() + "-e" + ++edits,
                    mentions(message.conversation())));
      }
    }
    outcomes.forEach(outcome -> Client.await(outcome, session.wire()));
  }

  private void settle(Pending message, @Nullable Outcome outcome) {
    if (outcome == Outcome.OK) {
      acknowledged.add(message);
      if (acknowledged.size() > MOST_SENT_KEPT) {
        acknowledged.remove();
      }
    } else if (random.nextDouble() > (outcome == Outcome.REFUSED ? GIVE_UP_REFUSED : GIVE_UP)) {
      unacknowledged.add(message);
    }
  }

  boolean areUnacknowledged() {
    return !unacknowledged.isEmpty();
  }

  void again(DeviceSession session) {
    Pending message = unacknowledged.remove();
    settle(message, Client.await(send(session, message), session.wire()));
  }

  /** Sends what was acknowledged long ago once more, as a client does that lost its memory. */
  void repeat(DeviceSession session) {
    if (!acknowledged.isEmpty()) {
      Pending message = acknowledged.remove();
      if (talks.mayWrite(message.conversation(), recorder.now())) {
        Client.await(send(session, message), session.wire());
      }
    }
  }

  /** Reads what own messages, or those of others, said before. */
  void readEdits(DeviceSession session, @Nullable Long conversation) {
    List<Own> mine = List.copyOf(own);
    if (!mine.isEmpty() && random.nextInt(4) > 0) {
      Own message = mine.get(random.nextInt(mine.size()));
      Client.await(session.calls().edits(message.conversation(), message.seq()), session.wire());
    } else if (conversation != null && client.memory().seq(conversation) > 0) {
      long seq = 1 + random.nextLong(client.memory().seq(conversation));
      client.elsewhere((calls, wire) -> Client.await(calls.edits(conversation, seq), wire));
    }
  }
}
