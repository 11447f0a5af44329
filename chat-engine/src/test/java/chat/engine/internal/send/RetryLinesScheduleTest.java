package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.internal.send.RetryLines.Place;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.send.pending.PendingWrite;
import chat.engine.internal.send.pending.PendingWrites;
import chat.engine.testing.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The lines of pending sends and of those that are tried again, used as the lanes and the retries
 * use them, in any order: no send is lost, none is tried by two at once, those of a conversation
 * keep their order, and the bounds hold.
 */
final class RetryLinesScheduleTest {
  private static final Duration LENGTH = Duration.ofMillis(100);
  private static final int CONVERSATIONS = 3;
  private static final int SENDS = 30;

  @Test
  void everySendIsAnsweredInTheOrderOfItsConversation() {
    Schedule.seeds(400, schedule -> new Round(schedule).run());
  }

  private static final class Round {
    private final Schedule schedule;
    private final int capacity;
    private final int mostOfOne;
    private final RetryLines lines;
    private final PendingWrites pending;
    private final Map<ConversationId, Executor> lanes = new HashMap<>();
    private final List<PendingSend> sends = new ArrayList<>();
    private final Map<PendingSend, Long> deadlines = new HashMap<>();
    private final Set<PendingWrite> tried = new HashSet<>();
    private final Set<ConversationId> turns = new HashSet<>();
    private final Map<ConversationId, List<PendingWrite>> stored = new HashMap<>();

    Round(Schedule schedule) {
      this.schedule = schedule;
      capacity = 1 + schedule.choose(6);
      mostOfOne = 1 + schedule.choose(SENDS);
      lines = new RetryLines(capacity, 1 << 20);
      pending = new PendingWrites(mostOfOne);
    }

    void run() {
      for (int i = 0; i < SENDS; i++) {
        ConversationId conversation = ConversationId.of(1L + schedule.choose(CONVERSATIONS));
        schedule.after(schedule.below(LENGTH), () -> enter(conversation));
      }
      for (int i = 0; i < 6; i++) {
        schedule.after(schedule.below(LENGTH), this::giveUp);
      }
      schedule.run();
      assertThat(sends).allMatch(PendingSend::isAnswered);
      assertThat(pending.count()).as("pending in the end").isZero();
      assertThat(lines.size()).as("waiting in the end").isZero();
      for (int i = 1; i <= CONVERSATIONS; i++) {
        ConversationId conversation = ConversationId.of(i);
        PendingSend late = send(conversation);
        assertThat(lines.join(late)).as("a line that was left behind").isEqualTo(Place.NO_LINE);
      }
      stored.forEach(
          (conversation, inOrder) ->
              assertThat(inOrder.stream().map(sends::indexOf).toList())
                  .as("stored in conversation %s", conversation)
                  .isSorted()
                  .doesNotHaveDuplicates());
    }

    private PendingSend send(ConversationId conversation) {
      return SendFixture.pending(
          ADA, conversation, NewMessage.text("x"), PendingSend.Listener.NONE);
    }

    private void enter(ConversationId conversation) {
      PendingSend send = send(conversation);
      long before = unanswered(conversation);
      boolean entered = pending.enter(send);
      assertThat(entered).as("room for one more than %d", before).isEqualTo(before < mostOfOne);
      if (entered) {
        sends.add(send);
        long deadline = schedule.nanos() + schedule.below(LENGTH.multipliedBy(2)).toNanos();
        send.expiresAt(deadline);
        deadlines.put(send, deadline);
        lanes.computeIfAbsent(conversation, unused -> schedule.line()).execute(() -> commit(send));
      }
    }

    private long unanswered(ConversationId conversation) {
      return sends.stream()
          .filter(send -> send.conversation().equals(conversation) && !send.isAnswered())
          .count();
    }

    /** As the sweep for sends whose time is over. */
    private void giveUp() {
      long now = schedule.nanos();
      pending.expire(now);
      assertThat(sends)
          .filteredOn(send -> deadlines.get(send) - now <= 0 && !tried.contains(send))
          .as("sends whose time is over")
          .allMatch(PendingSend::isAnswered);
    }

    /** As a lane. */
    private void commit(PendingSend send) {
      if (send.isAnswered()) {
        return;
      }
      Place joined = lines.join(send);
      bounds();
      if (joined == Place.FULL) {
        refuse(send);
      } else if (joined == Place.NO_LINE) {
        for (PendingWrite left : attempt(List.of(send))) {
          Place place = lines.add(left);
          bounds();
          if (place == Place.FULL) {
            refuse(left);
          } else {
            assertThat(place).isEqualTo(Place.NEW_LINE);
            giveTurn(left);
          }
        }
      }
    }

    private static void refuse(PendingWrite send) {
      send.fail(ChatException.busy("full, on purpose", Duration.ZERO));
    }

    private void giveTurn(@Nullable PendingWrite first) {
      if (first != null) {
        assertThat(turns.add(first.conversation())).as("one turn at a time").isTrue();
        schedule.after(schedule.below(LENGTH.dividedBy(8)), () -> retry(first.conversation()));
      }
    }

    /** As the queue of retries. */
    private void retry(ConversationId conversation) {
      List<PendingWrite> left = attempt(lines.take(Set.of(conversation), 1 + schedule.choose(4)));
      PendingWrite next = lines.putBack(conversation, left);
      turns.remove(conversation);
      giveTurn(next);
    }

    /** Stores some of the first ones, and leaves the others without an answer. */
    private List<PendingWrite> attempt(List<PendingWrite> batch) {
      List<PendingWrite> begun = batch.stream().filter(PendingWrite::beginAttempt).toList();
      begun.forEach(send -> assertThat(tried.add(send)).as("tried by one").isTrue());
      schedule.meanwhile();
      tried.removeAll(begun);
      int settled = schedule.choose(begun.size() + 1);
      begun.subList(0, settled).forEach(this::store);
      List<PendingWrite> left = begun.subList(settled, begun.size());
      boolean inDoubt = schedule.once(3);
      for (PendingWrite send : left) {
        if (inDoubt) {
          send.attemptIsInDoubt(new IllegalStateException("in doubt, on purpose"));
        } else {
          send.attemptStoredNothing();
        }
      }
      return left;
    }

    private void store(PendingWrite write) {
      List<PendingWrite> log =
          stored.computeIfAbsent(write.conversation(), unused -> new ArrayList<>());
      log.add(write);
      Message message =
          new Message(
              write.conversation(),
              MessageId.of(sends.size()),
              log.size(),
              ADA,
              ClientMessageId.of("id"),
              "x",
              null,
              List.of(),
              null,
              Instant.EPOCH);
      boolean first = ((PendingSend) write).acknowledge(message, false);
      assertThat(first || write.isAnswered()).isTrue();
    }

    /** Only those in doubt may wait beyond the capacity. */
    private void bounds() {
      long inDoubt = sends.stream().filter(PendingWrite::isInDoubt).count();
      assertThat((long) lines.size()).as("waiting").isLessThanOrEqualTo(capacity + inDoubt);
      assertThat(pending.count())
          .as("pending")
          .isEqualTo((int) sends.stream().filter(send -> !send.isAnswered()).count());
    }
  }
}
