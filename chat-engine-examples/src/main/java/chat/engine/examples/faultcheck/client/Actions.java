package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.client.device.DeviceSession;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a user does next, at random: sends most of all, and sends again what was not acknowledged,
 * mostly elsewhere; reads, types, goes and comes back. Runs on the client's thread.
 */
final class Actions {
  private final Client client;
  private final Talks talks;
  private final Recorder recorder;
  private final Random random;
  private final SendActions sends;
  private final GroupActions groups;
  private final ReactionActions reactions;
  private final PreferenceActions preferences;
  private final BlockActions blocks;
  private final PinActions pins;
  private final BotActions bots;
  private volatile boolean stopped;

  Actions(Client client, Talks talks, Recorder recorder, Random random) {
    this.client = client;
    this.talks = talks;
    this.recorder = recorder;
    this.random = random;
    this.sends = new SendActions(client, talks, recorder, random);
    this.groups = new GroupActions(client, talks, recorder, random);
    this.reactions = new ReactionActions(client, random);
    this.preferences = new PreferenceActions(client, random);
    this.blocks = new BlockActions(client, talks);
    this.pins = new PinActions(client, talks, random);
    this.bots = new BotActions(client, talks, recorder, random, groups, sends);
  }

  /** While stopped, nothing is done. */
  void stop(boolean now) {
    stopped = now;
  }

  GroupActions groups() {
    return groups;
  }

  void next(DeviceSession session) {
    if (stopped) {
      return;
    }
    int dice = random.nextInt(100);
    if (sends.areUnacknowledged() && dice < 50) {
      sends.again(session);
    } else if (dice < 5) {
      bots.next(session);
    } else if (dice < 33) {
      sends.next(session, writable(), dice < 12 ? 2 + random.nextInt(6) : 1);
    } else if (dice < 37) {
      sends.forward(session, writable());
    } else if (dice < 43) {
      reactions.next(session, writable());
    } else if (dice < 48) {
      preferences.next(session, writable());
    } else if (dice < 50) {
      blocks.next(session, writable());
    } else if (dice < 55) {
      pins.next(session, writable());
    } else if (dice < 62) {
      receipt(session);
    } else if (dice < 65) {
      typing(session);
    } else if (dice < 72) {
      sends.change(session);
    } else if (dice < 75) {
      readElsewhere();
    } else if (dice < 77) {
      sends.readEdits(session, writable());
    } else if (dice < 79) {
      sends.repeat(session);
    } else if (dice < 81) {
      session.close(); // and back to any node
    } else if (dice < 82) {
      session.close();
      Client.pause(500 + random.nextInt(6_000));
    } else if (dice < 84) {
      catchUp(session);
    } else {
      groups.next(session);
    }
  }

  private @Nullable Long writable() {
    List<Long> open =
        client.memory().conversations().stream()
            .filter(conversation -> talks.mayWrite(conversation, recorder.now()))
            .toList();
    return open.isEmpty() ? null : open.get(random.nextInt(open.size()));
  }

  private void receipt(DeviceSession session) {
    Long conversation = writable();
    if (conversation == null) {
      return;
    }
    long seq = client.memory().seq(conversation);
    if (seq > 0) {
      boolean read = random.nextBoolean();
      Verb verb = read ? Verb.READ : Verb.RECEIVED;
      Outcome outcome =
          Client.await(
              session
                  .calls()
                  .call(
                      verb,
                      conversation,
                      seq,
                      List.of(),
                      "",
                      (read ? "read " : "received ") + conversation + " " + seq),
              session.wire());
      if (read && outcome == Outcome.OK) {
        client.memory().read(conversation, seq);
      }
    }
  }

  private void typing(DeviceSession session) {
    Long conversation = writable();
    if (conversation != null) {
      session.calls().typing(conversation);
    }
  }

  /**
   * Reads as this user on any node, past the own session: everything acknowledged must be there.
   */
  private void readElsewhere() {
    List<Long> conversations = client.memory().conversations();
    if (conversations.isEmpty()) {
      return;
    }
    long conversation = conversations.get(random.nextInt(conversations.size()));
    long after = Math.max(0, client.memory().seq(conversation) - random.nextInt(20));
    client.elsewhere(
        (calls, wire) ->
            Client.await(calls.history(conversation, after, (it, seq, from) -> {}), wire));
  }

  /** Reads pages of a conversation of which an answer to a sync had not everything. */
  private void catchUp(DeviceSession session) {
    List<Long> conversations = client.memory().conversations();
    if (!conversations.isEmpty()) {
      long conversation = conversations.get(random.nextInt(conversations.size()));
      CompletableFuture<Outcome> page = session.catchUp(conversation, Long.MAX_VALUE);
      if (page != null) {
        Client.await(page, session.wire());
      }
    }
  }
}
