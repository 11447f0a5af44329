package chat.engine.internal.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.OfflineNotifier;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
final class CommitHooksTest {
  private static final int CAPACITY = 8_192;

  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Conversation talk =
      store.conversations().openDirect(ConversationId.of(1), ADA, BOB, Instant.EPOCH);
  private final Conversation group =
      store
          .conversations()
          .createGroup(
              ConversationId.of(2),
              "g",
              Map.of(ADA, Role.OWNER, BOB, Role.MEMBER, CLEO, Role.MEMBER),
              Instant.EPOCH);
  private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> Instant.EPOCH);
  private final Semaphore release = new Semaphore(0);
  private final List<String> observed = new CopyOnWriteArrayList<>();
  private final List<Set<UserId>> offline = new CopyOnWriteArrayList<>();
  private final List<CommitHooks> all = new ArrayList<>();

  private final Logger logger = (Logger) LoggerFactory.getLogger(CommitHookQueue.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void close() {
    release.release(100_000);
    all.forEach(CommitHooks::close);
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private CommitHooks hooks(@Nullable CommitObserver observer, @Nullable OfflineNotifier notifier) {
    CommitHooks made =
        new CommitHooks(
            new Hooks(null, null, observer, notifier, EngineTimings.NONE, Map.of(), null),
            CAPACITY,
            store.conversations(),
            users -> {
              Set<UserId> online = new java.util.HashSet<>(users);
              online.retainAll(Set.of(BOB));
              return online;
            },
            java.time.InstantSource.system(),
            metrics);
    all.add(made);
    return made;
  }

  private static CommittedMessage message(Conversation conversation, String text) {
    NewMessage given = NewMessage.text(text);
    return new CommittedMessage(
        conversation,
        new Message(
            conversation.id(),
            MessageId.of(1),
            1,
            ADA,
            given.clientMessageId(),
            text,
            null,
            List.of(),
            null,
            Instant.EPOCH),
        0);
  }

  private long metric(String name) {
    return MetricValues.of(metrics, name);
  }

  @Test
  void theObserverIsToldOfEachMessageInOrder() {
    CommitHooks hooks =
        hooks((conversation, m) -> observed.add(conversation.id() + m.text()), null);
    hooks.committed(List.of(message(talk, "a"), message(group, "b")));
    hooks.committed(List.of(message(talk, "c")));
    await().untilAsserted(() -> assertThat(observed).containsExactly("1a", "2b", "1c"));
    assertThat(metrics.gauges()).doesNotContainKey("offline_notifier_backlog");
  }

  @Test
  void theNotifierIsToldOfThoseWhoAreOffline() {
    CommitHooks hooks = hooks(null, (conversation, m, users) -> offline.add(users));
    hooks.committed(List.of(message(talk, "to bob, who is online")));
    hooks.committed(List.of(message(group, "to all")));
    await().untilAsserted(() -> assertThat(offline).containsExactly(Set.of(CLEO)));
    assertThat(metrics.gauges()).doesNotContainKey("commit_observer_backlog");
  }

  @Test
  void aBlockedNotifierHoldsUpNobodyElse() {
    CommitHooks hooks =
        hooks(
            (conversation, m) -> observed.add(m.text()),
            (conversation, m, users) -> release.acquireUninterruptibly());
    for (int i = 0; i < 100; i++) {
      hooks.committed(List.of(message(group, "m")));
    }
    await().untilAsserted(() -> assertThat(observed).hasSize(100));
    assertThat(metric("offline_notifier_backlog")).isEqualTo(100);
    assertThat(metric("commit_observer_backlog")).isZero();
  }

  @Test
  void whatDoesNotFitIsDroppedCountedAndLoggedOnce() {
    CountDownLatch begun = new CountDownLatch(1);
    CommitHooks hooks =
        hooks(
            (conversation, m) -> {
              begun.countDown();
              release.acquireUninterruptibly();
              observed.add(m.text());
            },
            null);
    for (int i = 0; i < CAPACITY + 10; i++) {
      hooks.committed(List.of(message(talk, "" + i)));
    }
    assertThat(metric("hook_calls_dropped")).isEqualTo(10);
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "the commit observer is too slow; it missed 1 messages since this was last logged");
    release.release(100_000);
    await().untilAsserted(() -> assertThat(observed).hasSize(CAPACITY));
    await().until(() -> metric("commit_observer_backlog") == 0);
    hooks.committed(List.of(message(talk, "room again")));
    await().untilAsserted(() -> assertThat(observed).contains("room again"));
  }

  @Test
  void bytesAreBoundedToo() {
    CommitHooks hooks =
        hooks(
            (conversation, m) -> {
              release.acquireUninterruptibly();
              observed.add(m.text().substring(0, 1));
            },
            null);
    CommittedMessage large = message(talk, "x".repeat(1 << 20));
    long fit = CommitHookQueue.MAX_BYTES / MessageWeight.of(large.message());
    for (int i = 0; i < fit; i++) {
      hooks.committed(List.of(large));
    }
    // The one in the hook is not counted any more.
    await()
        .until(
            () -> {
              hooks.committed(List.of(large));
              return metric("hook_calls_dropped") > 0;
            });
    for (int i = 0; i < 2 * fit; i++) { // what is dropped must not count
      hooks.committed(List.of(large));
    }
    release.release(100_000);
    await().until(() -> metric("commit_observer_backlog") == 0);
    assertThat((long) observed.size()).isBetween(fit, fit + 1);
    long dropped = metric("hook_calls_dropped");
    hooks.committed(List.of(large));
    assertThat(metric("hook_calls_dropped")).isEqualTo(dropped);
  }

  @Test
  void aHookThatThrowsIsCalledAgainAndTheFaultIsLoggedOnce() {
    CommitHooks hooks =
        hooks(
            (conversation, m) -> {
              observed.add(m.text());
              if (m.text().equals("error")) {
                throw new StackOverflowError("thrown on purpose");
              }
              throw new IllegalStateException("thrown on purpose");
            },
            null);
    hooks.committed(List.of(message(talk, "a"), message(talk, "error"), message(talk, "b")));
    await().untilAsserted(() -> assertThat(observed).containsExactly("a", "error", "b"));
    await().until(() -> metric("hook_faults") == 3);
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getFormattedMessage()).contains("the commit observer threw");
  }

  @Test
  void theCloseDropsWhatWaitsAndInterruptsTheHook() {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch interrupted = new CountDownLatch(2);
    Runnable hang =
        () -> {
          begun.countDown();
          try {
            release.acquire();
          } catch (InterruptedException end) {
            interrupted.countDown();
          }
        };
    CommitHooks hooks =
        hooks((conversation, m) -> hang.run(), (conversation, m, users) -> hang.run());
    hooks.committed(List.of(message(group, "1"), message(group, "2")));
    await()
        .until(
            () ->
                metric("commit_observer_backlog") == 2 && metric("offline_notifier_backlog") == 2);
    await().until(() -> begun.getCount() == 0);
    hooks.close();
    await().until(() -> interrupted.getCount() == 0);
    await().until(() -> metric("hook_calls_dropped") >= 2);
    hooks.committed(List.of(message(group, "late")));
    assertThat(metric("hook_calls_dropped")).isGreaterThanOrEqualTo(4);
  }
}
