package chat.engine.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.event.TypingChanged;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.Metrics;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DeliveryQueueTest {
  private static final ConversationId TALK = ConversationId.of(1);

  private final Metrics metrics = new Metrics(new EngineTimings() {}, InstantSource.system());
  private final DeliveryQueue queue = new DeliveryQueue(metrics);

  private SharedEvent event(ChatEvent event) {
    return new SharedEvent(event, null, metrics);
  }

  private SharedEvent message(long seq) {
    return event(new MessageReceived(SessionTest.message(TALK, seq)));
  }

  private SharedEvent typing() {
    return event(new TypingChanged(TALK, SessionTest.BOB, true));
  }

  private List<DeliveryQueue.Item> drained() {
    List<DeliveryQueue.Item> items = new ArrayList<>();
    for (DeliveryQueue.Item next = queue.next(); next != null; next = queue.next()) {
      items.add(next);
    }
    return items;
  }

  @Test
  void anEphemeralEventThatDoesNotFitInIsDroppedItself() {
    SharedEvent first = message(1);
    assertThat(queue.offer(first, first.weight())).isTrue();
    assertThat(queue.offer(typing(), first.weight())).isTrue();
    assertThat(drained()).containsExactly(first);
    assertThat(metrics.counters()).containsEntry("ephemeral_dropped", 1L);
  }

  @Test
  void ephemeralEventsGiveWayBeforeAMessageIsRefused() {
    SharedEvent first = message(1);
    SharedEvent second = message(2);
    int budget = first.weight() + second.weight();
    queue.offer(typing(), budget);
    queue.offer(first, budget);
    assertThat(queue.offer(second, budget)).isTrue();
    assertThat(queue.bytes()).isEqualTo(budget);
    assertThat(queue.offer(message(3), budget)).isFalse();
    assertThat(drained()).containsExactly(first, second);
    assertThat(metrics.counters()).containsEntry("ephemeral_dropped", 1L);
  }

  @Test
  void answersGoInFrontOfEventsInTheOrderGivenEvenWhilePaused() {
    List<String> told = new ArrayList<>();
    queue.pause();
    queue.add(message(1));
    queue.addAnswer(() -> told.add("first"));
    queue.addAnswer(() -> told.add("second"));
    assertThat(queue.claimTurn()).isTrue();
    for (DeliveryQueue.Item item : drained()) {
      ((DeliveryQueue.Answer) item).action().run();
    }
    assertThat(told).containsExactly("first", "second");
    assertThat(queue.claimTurn()).isFalse();
    queue.resume();
    assertThat(queue.claimTurn()).isTrue();
    assertThat(drained()).hasSize(1);
  }

  @Test
  void thereIsOneTurnAtATimeUntilNothingIsReady() {
    assertThat(queue.claimTurn()).isFalse();
    queue.add(message(1));
    assertThat(queue.claimTurn()).isTrue();
    queue.add(message(2));
    assertThat(queue.claimTurn()).isFalse();
    assertThat(drained()).hasSize(2);
    assertThat(queue.isIdle()).isTrue();
    queue.add(message(3));
    assertThat(queue.claimTurn()).isTrue();
  }

  @Test
  void onlyTheThreadWhoseTurnItIsIsInterrupted() {
    queue.add(message(1));
    queue.add(message(2));
    queue.claimTurn();
    queue.next();
    queue.interruptDelivery();
    assertThat(Thread.interrupted()).isTrue();
    queue.leaveThread();
    queue.interruptDelivery();
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void bytesAreThoseOfTheEventsThatWait() {
    SharedEvent first = message(1);
    queue.add(first);
    queue.add(typing());
    queue.dropIf(event -> event.event().ephemeral());
    assertThat(queue.bytes()).isEqualTo(first.weight());
    queue.next();
    assertThat(queue.bytes()).isZero();
    queue.add(first);
    queue.dropAll();
    assertThat(queue.bytes()).isZero();
    assertThat(queue.isEmpty()).isTrue();
  }
}
