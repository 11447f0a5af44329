package chat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class WorkersTest {
  @Test
  void aPartThatWaitsWhenTheyCloseRunsAndLearnsThatThereIsNoNext() {
    Workers workers = new Workers(1);
    CountDownLatch never = new CountDownLatch(1);
    for (int i = 0; i < Workers.TRANSFERS; i++) {
      workers.transfer(
          () -> {
            try {
              never.await();
            } catch (InterruptedException closed) {
              Thread.currentThread().interrupt();
            }
          });
    }
    List<Boolean> hasNext = new ArrayList<>();
    workers.transfer(() -> hasNext.add(workers.transfer(() -> {})));
    assertThat(hasNext).as("all threads are taken").isEmpty();
    workers.close();
    assertThat(hasNext).containsExactly(false);
  }
}
