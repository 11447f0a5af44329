package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.memory.InMemoryMachineIdLeases;
import chat.engine.spi.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The thread that renews, with real clocks and leases of 300 ms. */
@Timeout(60)
final class LeaseRenewerTest {
  /** No pause that is asked for comes near it, however busy the machine is. */
  private static final Duration LATE = Duration.ofSeconds(30);

  private final ScriptedLeases service = leasesOf(Duration.ofMillis(300));
  private Set<Thread> before = Set.of();
  private @Nullable LeaseRenewer renewer;

  private static ScriptedLeases leasesOf(Duration timeToLive) {
    return new ScriptedLeases(new InMemoryMachineIdLeases(timeToLive, System::nanoTime));
  }

  private LeaseRenewer start(ScriptedLeases leases) {
    LeaseRenewer started =
        LeaseRenewer.start(
            new MachineLeases(leases, 2, InstantSource.system(), System::nanoTime, "test"));
    renewer = started;
    return started;
  }

  private static boolean isUsable(LeaseRenewer renewer) {
    Reservation reservation = renewer.reservation();
    long nanos = System.nanoTime();
    return !reservation.usableAt(reservation.clock().units(nanos), nanos).isEmpty();
  }

  private static Set<Thread> leaseThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("chat-id-lease"))
        .collect(Collectors.toSet());
  }

  /** Those of this test. */
  private List<Thread> threads() {
    return leaseThreads().stream().filter(thread -> !before.contains(thread)).toList();
  }

  @BeforeEach
  void noteThreads() {
    before = leaseThreads();
  }

  @AfterEach
  void close() {
    service.releaseFault = null;
    if (renewer != null) {
      renewer.close();
    }
  }

  @Test
  void leasesAreRenewedThreeTimesInALeaseTime() {
    LeaseRenewer started = start(service);
    long begin = System.nanoTime();
    long until = started.reservation().machines().get(0).validUntilNanos();
    await().until(() -> service.renewals.get() >= 10);
    assertThat(System.nanoTime() - begin).isGreaterThan(Duration.ofMillis(850).toNanos());
    assertThat(started.reservation().machines().get(0).validUntilNanos() - until).isPositive();
    assertThat(threads()).singleElement().matches(Thread::isDaemon);
    assertThat(started.reservation().machines()).hasSize(1); // nobody asked for more
  }

  @Test
  void moreMachineIdsComeWhenTheyAreAskedForUpToTheBound() {
    ScriptedLeases slow = leasesOf(Duration.ofMinutes(10));
    LeaseRenewer started = start(slow);
    assertThat(started.reservation().machines()).hasSize(1);
    started.requestMore();
    await().until(() -> started.reservation().machines().size() == 2);
    assertThat(slow.renewals).hasValue(2);
    started.requestMore();
    started.close();
    assertThat(slow.renewals).hasValue(2);
    assertThat(slow.held).isEmpty();
  }

  static Stream<Supplier<Throwable>> faults() {
    return Stream.of(
        () -> new StoreUnavailableException("away, on purpose", null),
        () -> new IllegalStateException("on purpose"),
        () -> new RuntimeException("SQL state 57014, on purpose"),
        () -> new SQLException("on purpose", "42P01"),
        () -> new StackOverflowError("on purpose"),
        () -> new InterruptedException("on purpose"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whateverTheServiceThrowsMachineIdsComeBackWhenItEnds(Supplier<Throwable> fault) {
    LeaseRenewer started = start(service);
    service.acquireFault = fault;
    service.renewFault = fault;
    await().until(() -> !isUsable(started));
    int soFar = service.failures.get();
    await().until(() -> service.failures.get() > soFar + 1);
    service.acquireFault = null;
    service.renewFault = null;
    await().until(() -> isUsable(started));
  }

  @Test
  void afterAFailureItWaitsLongerAndLonger() {
    start(service);
    service.renewFault = () -> new IllegalStateException("on purpose");
    await().until(() -> service.failures.get() >= 4);
    assertThat(pause(0)).isBetween(Duration.ofMillis(250), LATE);
    assertThat(pause(1)).isBetween(Duration.ofMillis(500), LATE);
    assertThat(pause(2)).isBetween(Duration.ofMillis(1_000), LATE);
  }

  @Test
  void afterASuccessTheNextFailureIsTriedAgainSoon() {
    LeaseRenewer started = start(service);
    service.renewFault = () -> new IllegalStateException("on purpose");
    await().until(() -> service.failures.get() >= 3);
    service.renewFault = null;
    await().until(() -> isUsable(started));
    service.renewFault = () -> new IllegalStateException("on purpose");
    int soFar = service.failures.get();
    await().until(() -> service.failures.get() > soFar + 1);
    assertThat(pause(soFar)).as("250 ms, not 2 s").isLessThan(Duration.ofSeconds(2));
  }

  /** Between a failure, counted from 0, and the next attempt. */
  private Duration pause(int failure) {
    return Duration.ofNanos(service.failedAt.get(failure + 1) - service.failedAt.get(failure));
  }

  @Test
  void anInterruptDoesNotEndTheThread() {
    LeaseRenewer started = start(service);
    threads().forEach(Thread::interrupt);
    int soFar = service.renewals.get();
    await().until(() -> service.renewals.get() > soFar + 3);
    assertThat(isUsable(started)).isTrue();
  }

  @Test
  void aStartThatFailsLeavesNeitherAThreadNorALease() {
    service.acquireFault = () -> new StoreUnavailableException("on purpose", null);
    assertThatThrownBy(() -> start(service)).isInstanceOf(StoreUnavailableException.class);
    service.acquireFault = null;
    service.renewFault = () -> new StackOverflowError("on purpose");
    assertThatThrownBy(() -> start(service)).isInstanceOf(StackOverflowError.class);
    assertThat(threads()).isEmpty();
    assertThat(service.held).isEmpty();
  }

  @Test
  void closingGivesTheMachineIdsBackAndEndsTheThread() {
    LeaseRenewer started = start(leasesOf(Duration.ofMinutes(10)));
    started.close();
    assertThat(threads()).isEmpty();
    assertThat(started.reservation().machines()).isEmpty();
    started.close();
  }

  @Test
  void closingWhileItWaitsForARetryDoesNotWaitForIt() {
    LeaseRenewer started = start(service);
    service.renewFault = () -> new IllegalStateException("on purpose");
    await().until(() -> service.failures.get() >= 4); // the next retry is 2 s away
    started.close(); // waits for a second at most, so the thread must have woken up
    assertThat(threads()).isEmpty();
    assertThat(service.held).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("faults")
  void closingSurvivesWhatTheServiceThrows(Supplier<Throwable> fault) {
    LeaseRenewer started = start(service);
    service.releaseFault = fault;
    started.close();
    assertThat(threads()).isEmpty();
    assertThat(service.failures).hasPositiveValue();
  }

  @Test
  void closingWaitsForAtMostASecondAndTheServiceIsStillToldLater() {
    LeaseRenewer started = start(service);
    CountDownLatch answer = new CountDownLatch(1);
    service.beforeRelease = () -> awaitLatch(answer);
    long begin = System.nanoTime();
    started.close();
    long took = System.nanoTime() - begin;
    assertThat(took).isBetween(Duration.ofMillis(900).toNanos(), Duration.ofSeconds(10).toNanos());
    assertThat(threads()).hasSize(1);
    answer.countDown();
    await().until(() -> threads().isEmpty());
    assertThat(service.held).isEmpty();
  }

  @Test
  void anInterruptEndsTheWaitOfClose() {
    LeaseRenewer started = start(service);
    CountDownLatch answer = new CountDownLatch(1);
    service.beforeRelease = () -> awaitLatch(answer);
    Thread.currentThread().interrupt();
    started.close();
    assertThat(Thread.interrupted()).isTrue();
    answer.countDown();
  }

  @Test
  void closingFromACallbackOfTheServiceDoesNotWaitForItself() throws Exception {
    LeaseRenewer started = start(service);
    CompletableFuture<Long> took = new CompletableFuture<>();
    service.beforeRenewal =
        () -> {
          long begin = System.nanoTime();
          started.close();
          took.complete(System.nanoTime() - begin);
        };
    assertThat(took.get(30, TimeUnit.SECONDS)).isLessThan(Duration.ofMillis(900).toNanos());
    await().until(() -> threads().isEmpty());
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
