package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.message;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.event.Resync;
import chat.engine.event.TypingChanged;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.testing.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * A session, its outbox and its watched presences, while a feed offers messages, a tracker tells
 * presences, syncs begin and end, and the listener pauses, blocks and resumes, in any order: the
 * listener is called by one at a time, gets every message once and in order, except for what a sync
 * answered, and knows in the end how those are whom it watches.
 */
final class SessionScheduleTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final ConversationId TALK = ConversationId.of(1);
  private static final int MESSAGES = 30;
  private static final Duration LENGTH = Duration.ofMillis(100);

  @Test
  void theListenerGetsEverythingOnceInOrderAndByOneAtATime() {
    int[] resyncs = new int[1];
    Schedule.seeds(
        300,
        schedule -> {
          Round round = new Round(schedule);
          round.run();
          resyncs[0] += round.resyncs;
        });
    assertThat(resyncs[0]).as("streams that were cut").isPositive();
  }

  private static final class Round {
    private final Schedule schedule;
    private final LocalSessions node;
    private final Executor feed;
    private final Executor tracker;
    private final Client client;
    private final Session session;

    /** With the time of the last change as "last seen". */
    private final Map<UserId, Presence> truth =
        new HashMap<>(Map.of(BOB, presence(BOB, false, 0), CLEO, presence(CLEO, true, 0)));

    /** What the listener knows, and what it knows if it listens to events only. */
    private final Map<UserId, Presence> told = new HashMap<>();

    private final Map<UserId, Presence> toldByEvents = new HashMap<>();

    private final List<AssertionError> faults = new ArrayList<>();
    private long known;
    private boolean calling;
    private long head;
    private int resyncs;
    private long versions;

    Round(Schedule schedule) {
      this.schedule = schedule;
      // Room for 2 to 13 messages.
      node = new LocalSessions((2 + schedule.choose(12)) * weight(), schedule);
      feed = schedule.line();
      tracker = schedule.line();
      client = node.connect(ADA, this::hear);
      session = client.session();
    }

    private static int weight() {
      return new LocalSessions()
          .context
          .outgoing(new MessageReceived(message(TALK, 9, BOB)))
          .weight();
    }

    private void any(Runnable task) {
      schedule.after(schedule.below(LENGTH), task);
    }

    void run() {
      schedule.after(schedule.below(LENGTH.dividedBy(4)), this::endSync);
      for (int i = 0; i < MESSAGES; i++) {
        any(() -> feed.execute(() -> offer(++head)));
        if (schedule.once(3)) {
          any(() -> feed.execute(this::offerTyping));
        }
      }
      for (int i = 0; i < 12; i++) {
        UserId user = schedule.once(2) ? BOB : CLEO;
        any(() -> turn(user));
        any(() -> tracker.execute(this::tick));
      }
      any(() -> tracker.execute(this::watch));
      if (schedule.once(3)) {
        any(() -> tracker.execute(this::watch));
      }
      for (int i = schedule.choose(3); i > 0; i--) {
        any(session::pause);
        any(session::resume);
        any(this::syncAnew);
      }
      schedule.run();
      session.resume();
      schedule.run();
      tracker.execute(this::tick);
      schedule.run();
      assertThat(faults).isEmpty();
      assertThat(known).as("the last message that is known").isEqualTo(MESSAGES);
      assertThat(online(told)).as("presences that are known").isEqualTo(online(truth));
      assertThat(online(truth))
          .as("presences of which there was an event")
          .containsAllEntriesOf(online(toldByEvents));
    }

    // ---- the feed

    private void offer(long seq) {
      Message message = message(TALK, seq, BOB);
      long missingAfter =
          session.offerMessage(
              message,
              node.context.outgoing(new MessageReceived(message), ConversationKind.DIRECT));
      if (missingAfter != SessionStream.NO_GAP) {
        refill(missingAfter);
      }
    }

    private void refill(long afterSeq) {
      for (long seq = afterSeq + 1; seq <= head; seq++) {
        offer(seq);
      }
    }

    private void offerTyping() {
      session.offerIn(TALK, node.context.outgoing(new TypingChanged(TALK, BOB, true)));
    }

    // ---- syncs

    private void syncAnew() {
      if (session.beginSync() == null) {
        endSync();
      }
    }

    private void endSync() {
      long read = head;
      schedule.after(
          schedule.below(LENGTH.dividedBy(4)),
          () -> {
            if (schedule.once(5)) {
              refill(session.abandonSync());
              any(this::syncAnew); // a client tries again
              return;
            }
            Cursors cursors = new Cursors();
            cursors.put(TALK, read, 0);
            refill(session.endSync(cursors, () -> answer(read)));
          });
    }

    private void refill(List<Session.Gap> gaps) {
      gaps.forEach(gap -> feed.execute(() -> refill(gap.afterSeq())));
    }

    private void answer(long read) {
      call(() -> known = Math.max(known, read));
    }

    // ---- presences

    private static Presence presence(UserId user, boolean online, long version) {
      return new Presence(user, online, Instant.ofEpochMilli(version));
    }

    private void turn(UserId user) {
      boolean online = truth.get(user).online();
      truth.put(user, presence(user, !online, ++versions));
    }

    private void watch() {
      session.replaceWatched(Set.of(BOB, CLEO));
      schedule.meanwhile();
      List<Presence> found = List.copyOf(truth.values());
      schedule.meanwhile();
      if (schedule.once(5)) {
        session.failPresence(truth.keySet());
      } else {
        boolean unused =
            session.answerPresence(found, () -> call(() -> found.forEach(this::isTold)));
      }
    }

    private void tick() {
      truth.forEach(
          (user, presence) -> {
            if (session.needsPresence(user, presence.online())) {
              session.tellPresence(presence, node.context.outgoing(new PresenceChanged(presence)));
            }
          });
    }

    private void isTold(Presence presence) {
      Presence before = told.put(presence.user(), presence);
      assertThat(before == null || !seen(before).isAfter(seen(presence)))
          .as("%s after %s", presence, before)
          .isTrue();
    }

    private static Instant seen(Presence presence) {
      return Objects.requireNonNull(presence.lastSeenAt());
    }

    private static Map<UserId, Boolean> online(Map<UserId, Presence> presences) {
      return presences.entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().online()));
    }

    // ---- the listener

    private void hear(ChatEvent event) {
      call(
          () -> {
            if (event instanceof MessageReceived received) {
              assertThat(received.message().seq()).as("the next message").isEqualTo(known + 1);
              known++;
            } else if (event instanceof PresenceChanged changed) {
              isTold(changed.presence());
              toldByEvents.put(changed.presence().user(), changed.presence());
            } else if (event instanceof Resync) {
              resyncs++;
              any(this::syncAnew);
            }
          });
    }

    private void call(Runnable application) {
      try {
        assertThat(calling).as("called while it is called").isFalse();
        calling = true;
        if (schedule.once(3)) {
          schedule.meanwhile();
        }
        application.run();
      } catch (AssertionError fault) { // which the session would only log
        faults.add(fault);
      } finally {
        calling = false;
      }
    }
  }
}
