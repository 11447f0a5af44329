package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.sonyflake.Sonyflake;
import chat.engine.spi.IdGenerator;
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
  final void idsTellWhenTheyWereMade() {
    Instant made = Sonyflake.instant(open().next(1)[0]);
    assertThat(Duration.between(made, Instant.now()).abs()).isLessThan(Duration.ofMinutes(5));
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
