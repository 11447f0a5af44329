package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LinesTest {
  private final List<String> begun = new ArrayList<>();
  private final List<CompletableFuture<?>> open = new ArrayList<>();

  private final Lines<Character, String> lines =
      new Lines<>(
          4,
          10,
          String::length,
          task -> {
            begun.add(task);
            CompletableFuture<?> done = new CompletableFuture<>();
            open.add(done);
            return done;
          });

  private boolean add(String task) {
    return lines.add(task.charAt(0), task);
  }

  @Test
  void theTasksOfALineAreInOrderAndLinesAreSideBySide() {
    add("a1");
    add("a2");
    add("b1");
    add("a3");
    assertThat(begun).containsExactly("a1", "b1");
    open.get(0).complete(null);
    assertThat(begun).containsExactly("a1", "b1", "a2");
    open.get(2).completeExceptionally(new IllegalStateException("on purpose"));
    assertThat(begun).as("a task that fails holds up nobody").endsWith("a3");
    open.get(1).complete(null);
    open.get(3).complete(null);
    assertThat(lines.size()).isZero();
    add("a4");
    assertThat(begun).endsWith("a4");
  }

  @Test
  void theyAreBoundedInNumberAndWeight() {
    assertThat(add("a")).isTrue();
    assertThat(add("a")).isTrue();
    assertThat(add("b")).isTrue();
    assertThat(add("c")).isTrue();
    assertThat(add("d")).as("one too many").isFalse();
    open.get(0).complete(null);
    assertThat(add("eeeeeeee")).as("3 and 8 are too much").isFalse();
    assertThat(add("eeeeeee")).isTrue();
    assertThat(lines.size()).isEqualTo(4);
  }

  @Test
  void aLongLineOfTasksThatAreDoneAtOnceDoesNotGrowTheStack() {
    CompletableFuture<Void> first = new CompletableFuture<>();
    AtomicInteger done = new AtomicInteger();
    Lines<String, Integer> longLines =
        new Lines<>(
            100_000,
            Long.MAX_VALUE,
            task -> 0,
            task -> task == 0 ? first : CompletableFuture.completedFuture(done.incrementAndGet()));
    for (int i = 0; i < 100_000; i++) {
      longLines.add("line", i);
    }
    first.complete(null);
    assertThat(done).hasValue(99_999);
    assertThat(longLines.size()).isZero();
  }
}
