package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.sonyflake.Sonyflake;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every {@link IdGenerator} must do. Extend it and implement {@link #newGenerator}. */
@Timeout(60)
public abstract class IdGeneratorContract {
  /** Ids stay within 20 ms of the clock; the rest is for a clock that is being corrected. */
  private static final Duration TOLERANCE = Duration.ofSeconds(1);

  private final List<IdGenerator> generators = new ArrayList<>();

  /** A generator for one more node of the same cluster. */
  protected abstract IdGenerator newGenerator();

  private IdGenerator open() {
    IdGenerator generator = newGenerator();
    generators.add(generator);
    return generator;
  }

  @AfterEach
  final void closeGenerators() {
    generators.forEach(IdGenerator::close);
  }

  @Test
  final void idsArePositiveAndAscendWithinACallAndFromCallToCall() {
    IdGenerator generator = open();
    long last = 0;
    for (int call = 0; call < 500; call++) {
      for (long id : generator.next(1 + call % 40)) {
        assertThat(id).isGreaterThan(last);
        last = id;
      }
    }
  }

  @Test
  final void idsTellWhenTheyWereMadeHoweverManyThereAre() {
    IdGenerator generator = open();
    for (int call = 0; call < 20; call++) {
      Instant before = Instant.now();
      long[] ids = generator.next(1 + 50 * call);
      Instant after = Instant.now();
      for (long id : ids) {
        assertThat(Sonyflake.instant(id)).isBetween(before.minus(TOLERANCE), after.plus(TOLERANCE));
      }
    }
  }

  @Test
  final void theNextNodeStartsAtTheClockAgain() {
    for (int restart = 0; restart < 5; restart++) {
      IdGenerator generator = newGenerator();
      long id = generator.next(1)[0];
      generator.close();
      assertThat(Sonyflake.instant(id)).isBefore(Instant.now().plus(TOLERANCE));
    }
  }

  @Test
  final void whenItIsClosedItRefusesAndCanBeClosedAgain() {
    IdGenerator generator = open();
    generator.next(1);
    generator.close();
    assertThatThrownBy(() -> generator.next(1)).isInstanceOf(StoreUnavailableException.class);
    assertThat(generator.ready()).isFalse();
    generator.close();
  }

  @Test
  final void twoNodesAndManyThreadsNeverGetTheSameId() {
    List<IdGenerator> nodes = List.of(open(), open());
    List<CompletableFuture<List<Long>>> running = new ArrayList<>();
    for (int thread = 0; thread < 8; thread++) {
      IdGenerator node = nodes.get(thread % 2);
      running.add(
          CompletableFuture.supplyAsync(
              () -> {
                List<Long> own = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                  for (long id : node.next(10)) {
                    own.add(id);
                  }
                }
                return own;
              }));
    }
    Set<Long> all = new HashSet<>();
    running.forEach(own -> own.join().forEach(id -> assertThat(all.add(id)).isTrue()));
    assertThat(all).hasSize(16_000);
  }

  @Test
  final void aGeneratorThatGivesIdsSaysSo() {
    IdGenerator generator = open();
    assertThat(generator.next(1)).hasSize(1);
    assertThat(generator.ready()).isTrue();
  }

  @Test
  final void lessThanOneIdCannotBeAskedFor() {
    IdGenerator generator = open();
    assertThatThrownBy(() -> generator.next(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
