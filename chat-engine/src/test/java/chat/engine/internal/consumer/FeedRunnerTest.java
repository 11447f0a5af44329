package chat.engine.internal.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ConversationId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.contract.Drafts;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions.Start;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.feed.FeedStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rounds one by one, by a clock that the test sets, and a consumer that runs between them. */
final class FeedRunnerTest {
  private static final String FEED = "feed";
  private static final UserId ADA = UserId.of("ada");

  private final Drafts drafts = new Drafts();
  private final InMemoryMessageStore real = new InMemoryMessageStore();
  private final FeedStore feeds = real.feeds().orElseThrow();
  private final Queue<Runnable> application = new ArrayDeque<>();
  private final List<Long> delivered = new ArrayList<>();
  private final ConversationId group = drafts.conversationId();
  private UnaryOperator<MessageStore.Writes> told = writes -> writes;
  private Runnable beforeFind = () -> {};
  private long now = 1;

  @BeforeEach
  void makeGroup() {
    real.conversations().createGroup(group, "a group", Map.of(ADA, Role.OWNER), drafts.now());
    feeds.open(FEED, Start.now());
  }

  /** The store, where a test may change what is told and do something before a read. */
  private MessageStore store() {
    return (MessageStore)
        Proxy.newProxyInstance(
            MessageStore.class.getClassLoader(),
            new Class<?>[] {MessageStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("ranges")) {
                beforeFind.run();
              }
              try {
                Object answer = method.invoke(real, arguments);
                return method.getName().equals("writesSince")
                    ? told.apply((MessageStore.Writes) answer)
                    : answer;
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  private FeedRunner runner(String holder) {
    return new FeedRunner(
        FEED,
        holder,
        batch -> {
          batch.messages().forEach(message -> delivered.add(message.seq()));
          return CompletableFuture.completedFuture(null);
        },
        8,
        store(),
        feeds,
        application::add,
        () -> now);
  }

  private void send() {
    real.append(List.of(drafts.text(group, ADA, "m")), Duration.ZERO);
  }

  private void consume() {
    for (Runnable task = application.poll(); task != null; task = application.poll()) {
      task.run();
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void round(FeedRunner runner) {
    runner.round();
    pass(Duration.ofMillis(100));
  }

  private long cursor() {
    return feeds.behind(FEED, List.of(group)).stream()
        .map(lag -> lag.position().seq())
        .findFirst()
        .orElse(-1L);
  }

  @Test
  void anotherNodeTakesOverWithinTenSecondsOfACrash() {
    assertThat(FeedRunner.LEASE.plus(FeedRunner.TRY)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void theCursorMovesWhenTheConsumerIsDone() {
    FeedRunner runner = runner("north");
    send();
    round(runner);
    round(runner);
    assertThat(delivered).isEmpty();
    assertThat(cursor()).isZero();
    consume();
    assertThat(cursor()).isZero();
    round(runner);
    assertThat(cursor()).as("nothing is behind it").isEqualTo(-1);
    assertThat(delivered).containsExactly(1L);
  }

  @Test
  void whereTheStoreHasForgottenWhatWasWrittenAllConversationsAreLookedThrough() {
    FeedRunner runner = runner("north");
    round(runner);
    send();
    told =
        writes ->
            new MessageStore.Writes(
                writes.mark(), false, Map.of(), Map.of(), Map.of(), writes.storeTime());
    round(runner);
    told = writes -> writes;
    round(runner);
    consume();
    assertThat(delivered).containsExactly(1L);
  }

  @Test
  void itIsKnownForHowLongSomethingHasWaited() {
    FeedRunner runner = runner("north");
    round(runner);
    assertThat(runner.state().behind()).isEqualTo(Duration.ZERO);
    send();
    round(runner);
    assertThat(runner.state().waiting()).isPositive();
    pass(Duration.ofSeconds(2));
    round(runner);
    assertThat(runner.state().behind()).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
    consume();
    round(runner);
    round(runner);
    assertThat(runner.state()).isEqualTo(new Feed.State(true, 0, 0, 0, Duration.ZERO));
  }

  @Test
  void whoseLeaseHasEndedGivesNothingToTheConsumer() {
    FeedRunner runner = runner("north");
    round(runner);
    send();
    beforeFind = () -> pass(FeedRunner.LEASE.plusSeconds(1));
    assertThatThrownBy(() -> round(runner)).hasMessageContaining("lease");
    assertThat(application).isEmpty();
    beforeFind = () -> {};
    round(runner);
    consume();
    assertThat(delivered).containsExactly(1L);
  }

  @Test
  void whatAnotherNodeTookOverIsNotMovedByTheOneBefore() {
    FeedRunner north = runner("north");
    FeedRunner south = runner("south");
    send();
    round(north);
    round(south);
    assertThat(south.state().active()).isFalse();
    feeds.release(FEED, "north"); // as if its lease had ended while it stood still
    pass(Duration.ofSeconds(2));
    round(south);
    assertThat(south.state().active()).isTrue();
    Runnable ofNorth = application.remove();
    ofNorth.run();
    send();
    round(north);
    assertThat(north.state().active()).isFalse();
    assertThat(cursor()).isZero();
    round(south);
    consume();
    round(south);
    consume();
    round(south);
    assertThat(delivered).containsExactly(1L, 1L, 2L);
    assertThat(cursor()).isEqualTo(-1);
  }

  @Test
  void aFaultOfTheStoreLosesNothing() {
    FeedRunner runner = runner("north");
    round(runner);
    send();
    beforeFind =
        () -> {
          throw new StoreUnavailableException("on purpose", null);
        };
    assertThatThrownBy(() -> round(runner)).isInstanceOf(StoreUnavailableException.class);
    beforeFind = () -> {};
    round(runner);
    consume();
    round(runner);
    assertThat(delivered).containsExactly(1L);
    assertThat(cursor()).isEqualTo(-1);
  }
}
