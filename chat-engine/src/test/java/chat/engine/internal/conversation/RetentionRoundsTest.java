package chat.engine.internal.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.hook.HookThreads;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.util.Timers;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.RetentionStore;
import chat.engine.spi.StoreBusyException;
import chat.engine.testing.Logged;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test plays the store: which messages are how old, and who has the lease. */
@Timeout(60)
final class RetentionRoundsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration DAY = Duration.ofDays(1);

  private final Timers timers = new Timers();
  private final StoreThreads threads = new StoreThreads(1, 100);
  private final Metrics metrics = new Metrics(EngineTimings.NONE, () -> NOW);

  /** What happened, in order; only as long as there is something to do. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final List<RetentionStore.Oldest> pages = new ArrayList<>();

  /** How many messages each next call takes out; none left is 0. */
  private final Map<ConversationId, List<Integer>> expiries = new HashMap<>();

  private final HookThreads hookThreads = new HookThreads();
  private volatile boolean hasLease = true;
  private final AtomicInteger leases = new AtomicInteger();

  private volatile int leasesAtTheEnd;

  /** How often the lease is given or renewed before another node has it. */
  private volatile int mostLeases = Integer.MAX_VALUE;

  /** How long each rest between two steps seems to take. */
  private volatile Duration rest = Duration.ZERO;

  private long nanos;
  private boolean worked;
  private boolean rests;

  private final List<ConversationChange> announced = new CopyOnWriteArrayList<>();
  private volatile boolean announcerFails;
  private volatile @Nullable ConversationId begunBehind;
  private volatile boolean underWay;

  @AfterEach
  void close() {
    timers.close();
    threads.close();
    hookThreads.close();
  }

  private static ConversationId id(long value) {
    return ConversationId.of(value);
  }

  private static RetentionStore.OldestMessage oldest(
      long conversation, Duration age, @Nullable Duration retention) {
    return new RetentionStore.OldestMessage(id(conversation), NOW.minus(age), retention);
  }

  private void start(@Nullable Duration standard) {
    rounds(standard).start();
  }

  private void startAsking(Supplier<Optional<Duration>> general) {
    roundsAsking(general).start();
  }

  private RetentionRounds rounds(@Nullable Duration standard) {
    return roundsAsking(() -> Optional.ofNullable(standard));
  }

  private RetentionRounds roundsAsking(Supplier<Optional<Duration>> general) {
    return new RetentionRounds(
        store(),
        announcer(),
        threads,
        timers,
        () -> NOW,
        this::nanoTime,
        metrics,
        "this node",
        new GeneralRetention(general, hookThreads, () -> 0),
        Duration.ofMillis(20));
  }

  /** The clock that nobody sets: it goes on while a round rests, and stands while it works. */
  private synchronized long nanoTime() {
    if (worked) { // the work of a step has ended
      worked = false;
      rests = true;
    } else if (rests) {
      rests = false;
      nanos += rest.toNanos();
    }
    return nanos;
  }

  private synchronized void worked() {
    worked = true;
  }

  private Announcer announcer() {
    return (Announcer)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Announcer.class},
            (proxy, method, arguments) -> {
              ((List<?>) arguments[1]).forEach(one -> announced.add((ConversationChange) one));
              if (announcerFails) {
                throw new IllegalStateException("on purpose");
              }
              return null;
            });
  }

  private RetentionStore store() {
    return (RetentionStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {RetentionStore.class},
            (proxy, method, arguments) -> {
              worked();
              switch (method.getName()) {
                case "lease":
                  return leases.incrementAndGet() > mostLeases || !hasWork() || !hasLease
                      ? Optional.empty()
                      : Optional.of(new RetentionStore.Round(begunBehind));
                case "oldest":
                  calls.add("look behind " + arguments[0]);
                  RetentionStore.Oldest page = pages.remove(0);
                  underWay = page.last() != null || !page.messages().isEmpty();
                  return page;
                case "expire":
                  return expire((ConversationId) arguments[0], (Instant) arguments[1]);
                case "reached":
                  underWay = arguments[1] != null;
                  leasesAtTheEnd = leases.get();
                  calls.add("reached " + arguments[1]);
                  return null;
                case "set":
                  calls.add("set " + arguments[0] + " to " + arguments[1]);
                  return arguments[0].equals(id(99)) ? Optional.empty() : Optional.of(renamed(1));
                default:
                  throw new AssertionError(method.getName());
              }
            });
  }

  private boolean hasWork() {
    return !pages.isEmpty() || underWay;
  }

  private static Changed renamed(long conversation) {
    Conversation group = Conversation.group(id(conversation), "g", NOW);
    return new Changed(group, List.of(LocalSessions.renamed(group, 1, 0, "n")));
  }

  private Optional<RetentionStore.Expiry> expire(ConversationId conversation, Instant limit) {
    calls.add("expire " + conversation + " before " + Duration.between(limit, NOW).toHours());
    List<Integer> left = expiries.getOrDefault(conversation, List.of());
    if (left.isEmpty()) {
      return Optional.empty();
    }
    int messages = left.remove(0);
    if (messages < 0) {
      throw new StoreBusyException("held, on purpose", null);
    }
    Changed made =
        announcerFails
            ? renamed(conversation.value())
            : new Changed(Conversation.group(conversation, "g", NOW), List.of());
    return Optional.of(new RetentionStore.Expiry(messages, made));
  }

  private void takes(long conversation, Integer... messages) {
    expiries.put(id(conversation), new ArrayList<>(List.of(messages)));
  }

  private void awaitCalls(String... expected) {
    await().untilAsserted(() -> assertThat(calls).containsExactly(expected));
  }

  @Test
  void whatIsOlderThanItIsKeptIsTakenOutAndTheRestStays() {
    takes(1, 7);
    takes(3, 5);
    pages.add(
        new RetentionStore.Oldest(
            List.of(
                oldest(1, DAY.multipliedBy(3), null),
                oldest(2, DAY, null),
                oldest(3, DAY, Duration.ofHours(1)),
                oldest(4, DAY.multipliedBy(3), DAY.multipliedBy(9))),
            null));
    start(DAY.multipliedBy(2));
    awaitCalls(
        "look behind null",
        "expire 1 before 48",
        "expire 3 before 1",
        "expire 1 before 48",
        "expire 3 before 1",
        "reached null");
    assertThat(MetricValues.of(metrics, "messages_expired")).isEqualTo(12);
  }

  @Test
  void withoutAStandardOnlyConversationsWithATimeOfTheirOwnLoseMessages() {
    takes(2, 1);
    pages.add(
        new RetentionStore.Oldest(
            List.of(oldest(1, DAY.multipliedBy(999), null), oldest(2, DAY, DAY.dividedBy(2))),
            null));
    start(null);
    awaitCalls("look behind null", "expire 2 before 12", "expire 2 before 12", "reached null");
  }

  @Test
  void aRoundGoesOnBehindThePageThatWasFinishedLast() {
    begunBehind = id(6);
    pages.add(new RetentionStore.Oldest(List.of(), id(8)));
    pages.add(new RetentionStore.Oldest(List.of(), null));
    start(DAY);
    awaitCalls("look behind 6", "reached 8", "look behind 8", "reached null");
  }

  @Test
  void aConversationThatSomebodyHoldsIsLeftToTheNextRound() {
    takes(1, -1, 5);
    takes(2, 500, 3);
    List<RetentionStore.OldestMessage> both =
        List.of(oldest(1, DAY.multipliedBy(2), null), oldest(2, DAY.multipliedBy(2), null));
    pages.add(new RetentionStore.Oldest(both, null));
    start(DAY);
    awaitCalls(
        "look behind null",
        "expire 1 before 24",
        "expire 2 before 24",
        "expire 2 before 24",
        "expire 2 before 24",
        "reached null");
  }

  @Test
  void withoutTheLeaseNothingIsDone() {
    takes(1, 500, 500, 500);
    pages.add(new RetentionStore.Oldest(List.of(oldest(1, DAY.multipliedBy(2), null)), null));
    hasLease = false;
    start(DAY);
    await().pollDelay(Duration.ofMillis(100)).untilAsserted(() -> assertThat(calls).isEmpty());
  }

  @Test
  void faultsOfTheStoreEndNoRoundForGood() {
    pages.add(new RetentionStore.Oldest(List.of(oldest(1, DAY.multipliedBy(2), null)), null));
    expiries.put(id(1), new FailingList());
    pages.add(new RetentionStore.Oldest(List.of(), null));
    start(DAY);
    awaitCalls("look behind null", "expire 1 before 24", "look behind null", "reached null");
  }

  @Test
  void noAnswerOrAWrongOneTakesNothingOutAndTheNextRightOneGoesOn() throws Exception {
    takes(1, 7);
    takes(2, 7);
    List<RetentionStore.OldestMessage> both =
        List.of(oldest(1, DAY.multipliedBy(3), null), oldest(2, DAY.multipliedBy(3), DAY));
    pages.add(new RetentionStore.Oldest(both, null));
    CountDownLatch asked = new CountDownLatch(4);
    CountDownLatch answer = new CountDownLatch(1);
    startAsking(
        () -> {
          asked.countDown();
          switch ((int) asked.getCount()) {
            case 3:
              throw new IllegalStateException("away, on purpose");
            case 2:
              return Optional.of(Duration.ZERO);
            case 1:
              return null; // which the contract forbids
            default:
              uninterruptibly(answer);
              return Optional.of(DAY.multipliedBy(2));
          }
        });
    asked.await();
    assertThat(threads.submit(() -> "free").get()).as("the only thread for the store").isNotNull();
    assertThat(calls).isEmpty();
    answer.countDown();
    awaitCalls(
        "look behind null",
        "expire 1 before 48",
        "expire 2 before 24",
        "expire 1 before 48",
        "expire 2 before 24",
        "reached null");
  }

  private static void uninterruptibly(CountDownLatch answer) {
    try {
      answer.await();
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  @Test
  void anApplicationThatCannotAnswerIsLoggedInWordsAndAMistakeAsAnError() {
    try (Logged logged = Logged.below(GeneralRetention.class.getPackageName())) {
      CountDownLatch away = new CountDownLatch(3);
      startAsking(
          () -> {
            away.countDown();
            throw ChatException.unavailable("on purpose", new IllegalStateException("a cause"));
          });
      await().until(() -> away.getCount() == 0);
      assertThat(logged.warnings())
          .as("three faults, one line")
          .singleElement()
          .asString()
          .startsWith("WARN the general retention is not known")
          .endsWith(": on purpose");
    }
    try (Logged logged = Logged.below(GeneralRetention.class.getPackageName())) {
      startAsking(
          () -> {
            throw new IllegalStateException("a mistake, on purpose");
          });
      await().until(() -> !logged.warnings().isEmpty());
      assertThat(logged.warnings())
          .singleElement()
          .asString()
          .startsWith("ERROR the general retention is not known");
    }
  }

  @Test
  void whatChangesDuringALongRoundCountsForTheRestOfIt() {
    AtomicReference<Optional<Duration>> general = new AtomicReference<>(Optional.of(DAY));
    RetentionStore.OldestMessage one = oldest(1, DAY.multipliedBy(3), null);
    expiries.put(
        id(1),
        new ArrayList<>(List.of(500, 500, 500)) {
          private static final long serialVersionUID = 1;

          @Override
          public Integer remove(int index) {
            general.set(Optional.empty());
            return super.remove(index);
          }
        });
    pages.add(new RetentionStore.Oldest(List.of(one), null));
    rest = Duration.ofSeconds(16);
    startAsking(general::get);
    awaitCalls("look behind null", "expire 1 before 24", "reached null");
  }

  @Test
  void theLeaseIsRenewedWhenAQuarterOfItIsOver() {
    rest = Duration.ofSeconds(10);
    takes(1, 500, 500, 3);
    pages.add(new RetentionStore.Oldest(List.of(oldest(1, DAY.multipliedBy(2), null)), null));
    start(DAY);
    // begun at 0 s, looked at 10 s, expired at 20, 30, 40 and 50 s: renewed at 20 and 40 s
    await().until(() -> calls.contains("reached null"));
    assertThat(calls).hasSize(6);
    assertThat(leasesAtTheEnd).isEqualTo(3);
  }

  @Test
  void aRoundWhoseLeaseAnotherNodeHasEndsWithoutTakingAnythingOut() {
    rest = Duration.ofSeconds(16);
    mostLeases = 2;
    takes(1, 500, 500);
    pages.add(new RetentionStore.Oldest(List.of(oldest(1, DAY.multipliedBy(2), null)), null));
    start(DAY);
    await().until(() -> leases.get() >= 4); // of the next round
    assertThat(calls).containsExactly("look behind null");
  }

  @Test
  void whatCannotBeAnnouncedIsTakenOutAllTheSame() {
    announcerFails = true;
    takes(1, 500, 3);
    pages.add(new RetentionStore.Oldest(List.of(oldest(1, DAY.multipliedBy(2), null)), null));
    start(DAY);
    await().until(() -> calls.contains("reached null"));
    assertThat(announced).hasSize(2);
    assertThat(MetricValues.of(metrics, "messages_expired")).isEqualTo(503);
  }

  @Test
  void aSettingThatIsStoredIsAnnouncedAndOneOfNoConversationIsNotFound() {
    RetentionRounds rounds = rounds(null);
    rounds.set(id(1), DAY);
    assertThat(announced).hasSize(1);
    announcerFails = true;
    rounds.set(id(1), null);
    assertThat(announced).hasSize(2);
    assertThatThrownBy(() -> rounds.set(id(99), DAY))
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(ErrorCode.NOT_FOUND));
    assertThat(calls).containsExactly("set 1 to PT24H", "set 1 to null", "set 99 to PT24H");
  }

  private static final class FailingList extends ArrayList<Integer> {
    private static final long serialVersionUID = 1;

    @Override
    public boolean isEmpty() {
      throw ChatException.unavailable("away, on purpose", null);
    }
  }
}
