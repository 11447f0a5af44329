package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.UserId;
import chat.engine.internal.presence.PresenceNode.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PresenceLooksTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final World world = new World();
  private final PresenceNode node = world.node();
  private final PresenceNode elsewhere = world.node();
  private final PresenceLooks looks =
      new PresenceLooks(new PresenceProbe(node.router, node.registry, world.nanos::get));
  private final List<String> happened = Collections.synchronizedList(new ArrayList<>());
  private final List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch gate = new CountDownLatch(1);

  @AfterEach
  void close() {
    gate.countDown();
    looks.close();
    world.close();
  }

  private void settle() {
    await().atMost(Duration.ofSeconds(30)).until(() -> looks.pending() == 0);
  }

  /** Occupies the thread until the gate opens. */
  private void hold() {
    CountDownLatch held = new CountDownLatch(1);
    looks.execute(
        () -> {
          held.countDown();
          try {
            gate.await();
          } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
          }
        },
        failed::add);
    await().atMost(Duration.ofSeconds(30)).until(() -> held.getCount() == 0);
  }

  @Test
  void whatQueuedUpIsOneLookAndTakesEffectInOrder() {
    elsewhere.connect(BOB);
    world.settle();
    hold();
    looks.look(List.of(ADA), seen -> happened.add("ada"), failed::add);
    looks.execute(() -> happened.add("between"), failed::add);
    looks.look(
        List.of(BOB), seen -> happened.add("bob " + seen.online().contains(BOB)), failed::add);
    gate.countDown();
    settle();
    assertThat(happened).containsExactly("ada", "between", "bob true");
    assertThat(node.router.looks).hasValue(1);
    assertThat(failed).isEmpty();
  }

  @Test
  void aFaultConcernsItsOwnLookOnly() {
    hold();
    looks.look(
        List.of(ADA),
        seen -> {
          throw new IllegalStateException("a bug");
        },
        failed::add);
    looks.look(List.of(BOB), seen -> happened.add("bob"), failed::add);
    gate.countDown();
    settle();
    assertThat(happened).containsExactly("bob");
    assertThat(failed).singleElement().isInstanceOf(IllegalStateException.class);
  }

  @Test
  void thereIsABound() {
    hold();
    for (int i = 0; i < PresenceLooks.CAPACITY - 1; i++) {
      looks.execute(() -> {}, failed::add);
    }
    assertThat(failed).isEmpty();
    looks.execute(() -> happened.add("too many"), failed::add);
    assertThat(failed)
        .singleElement()
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.BUSY);
              assertThat(refusal.retryAfter()).contains(Duration.ofSeconds(1));
            });
    gate.countDown();
    settle();
    assertThat(happened).isEmpty();
  }

  @Test
  void whatWaitsWhenItClosesAndWhatComesAfterFails() {
    hold();
    looks.execute(() -> happened.add("waiting"), failed::add);
    looks.close();
    looks.execute(() -> happened.add("late"), failed::add);
    gate.countDown();
    await().atMost(Duration.ofSeconds(30)).until(() -> failed.size() == 2);
    assertThat(failed)
        .allSatisfy(
            fault -> assertThat(((ChatException) fault).code()).isEqualTo(ErrorCode.UNAVAILABLE));
    assertThat(happened).isEmpty();
  }
}
