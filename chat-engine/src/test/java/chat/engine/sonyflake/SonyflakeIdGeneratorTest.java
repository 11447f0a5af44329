package chat.engine.sonyflake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.contract.IdGeneratorContract;
import chat.engine.memory.InMemoryMachineIdLeases;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.StoreUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SonyflakeIdGeneratorTest extends IdGeneratorContract {
  private static final long START = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  private final InMemoryMachineIdLeases leases = new InMemoryMachineIdLeases();

  @Override
  protected IdGenerator newGenerator() {
    return SonyflakeIdGenerator.create(leases);
  }

  /** Clocks that only the test moves. */
  private static final class Hands implements Ticker {
    private final AtomicLong millis = new AtomicLong(START);
    private final AtomicLong nanos = new AtomicLong();

    @Override
    public long currentTimeMillis() {
      return millis.get();
    }

    @Override
    public long nanoTime() {
      return nanos.get();
    }

    void pass(Duration time) {
      millis.addAndGet(time.toMillis());
      nanos.addAndGet(time.toNanos());
    }
  }

  @Test
  void theLayoutIsThatOfSonyflake() {
    // 39 bits of 10 ms since 2014-09-01, 8 bits of sequence, 16 bits of machine
    long id = Sonyflake.compose(1, 2, 3);
    assertThat(id).isEqualTo((1L << 24) | (2L << 16) | 3);
    assertThat(Sonyflake.time(id)).isEqualTo(1);
    assertThat(Sonyflake.sequence(id)).isEqualTo(2);
    assertThat(Sonyflake.machineId(id)).isEqualTo(3);
    assertThat(Sonyflake.instant(id)).isEqualTo(Instant.parse("2014-09-01T00:00:00.010Z"));
    assertThat(Sonyflake.compose((1L << 39) - 1, 255, 65_535)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aClockThatIsSetBackRepeatsNothingAndStopsNothing() {
    Hands hands = new Hands();
    IdGenerator generator = SonyflakeIdGenerator.fixed(7, hands);
    long before = generator.next(1)[0];
    hands.millis.addAndGet(-Duration.ofHours(1).toMillis());
    long last = before;
    for (int i = 0; i < 100; i++) {
      hands.nanos.addAndGet(Duration.ofMillis(10).toNanos());
      long[] ids = generator.next(200);
      assertThat(ids[0]).isGreaterThan(last);
      last = ids[199];
    }
  }

  @Test
  void aRestartAfterTheClockWasSetBackStartsAboveWhatWasUsed() {
    Hands hands = new Hands();
    InMemoryMachineIdLeases sharedLeases =
        new InMemoryMachineIdLeases(Duration.ofSeconds(30), hands::nanoTime);
    IdGenerator first = SonyflakeIdGenerator.create(sharedLeases, 1, hands);
    long last = first.next(1)[0];
    first.close();
    hands.millis.addAndGet(-Duration.ofHours(1).toMillis());
    IdGenerator second = SonyflakeIdGenerator.create(sharedLeases, 1, hands);
    long next = second.next(1)[0];
    assertThat(Sonyflake.machineId(next)).isEqualTo(Sonyflake.machineId(last));
    assertThat(next).isGreaterThan(last);
    second.close();
  }

  @Test
  void idsStopBeforeALeaseThatCannotBeRenewedMayHaveEnded() {
    Hands hands = new Hands();
    InMemoryMachineIdLeases sharedLeases =
        new InMemoryMachineIdLeases(Duration.ofSeconds(30), hands::nanoTime);
    IdGenerator generator = SonyflakeIdGenerator.create(sharedLeases, 1, hands);
    generator.next(1);
    hands.pass(Duration.ofSeconds(26));
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
    generator.close();
  }

  /** Leases that throw what they are told to, as long as they are told to. */
  private static final class Failing implements MachineIdLeases {
    private final MachineIdLeases real;
    private volatile @Nullable Supplier<Throwable> fault;
    private final AtomicInteger failures = new AtomicInteger();

    Failing(MachineIdLeases real) {
      this.real = real;
    }

    @SuppressWarnings("unchecked")
    private <E extends Throwable> void fail() throws E {
      Supplier<Throwable> now = fault;
      if (now != null) {
        failures.incrementAndGet();
        throw (E) now.get();
      }
    }

    @Override
    public Duration timeToLive() {
      return real.timeToLive();
    }

    @Override
    public Lease acquire(String owner) {
      this.<RuntimeException>fail();
      return real.acquire(owner);
    }

    @Override
    public Optional<Lease> renew(Lease lease, long usedTime) {
      this.<RuntimeException>fail();
      return real.renew(lease, usedTime);
    }

    @Override
    public void release(Lease lease, long usedTime) {
      real.release(lease, usedTime);
    }

    @Override
    public void close() {}
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
  void whateverARenewalThrowsIdsComeBackWhenItEnds(Supplier<Throwable> fault) {
    Failing failing =
        new Failing(new InMemoryMachineIdLeases(Duration.ofMillis(300), System::nanoTime));
    try (IdGenerator generator = SonyflakeIdGenerator.create(failing)) {
      assertThat(generator.ready()).isTrue();
      failing.fault = fault;
      await().until(() -> !generator.ready());
      assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
      int soFar = failing.failures.get();
      await().until(() -> failing.failures.get() > soFar);
      failing.fault = null;
      await().until(generator::ready);
      assertThat(generator.next(1)[0]).isPositive();
    }
  }

  @Test
  void underLoadMoreMachineIdsAreLeased() {
    IdGenerator generator = newGenerator();
    long last = 0;
    boolean several = false;
    int first = Sonyflake.machineId(generator.next(1)[0]);
    for (int i = 0; i < 200 && !several; i++) {
      for (long id : generator.next(1_000)) {
        assertThat(id).isGreaterThan(last);
        last = id;
        several |= Sonyflake.machineId(id) != first;
      }
    }
    assertThat(several).isTrue();
    generator.close();
  }
}
