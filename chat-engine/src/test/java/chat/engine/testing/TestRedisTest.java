package chat.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TestRedisTest {

  @Test
  void theSharedServerAnswersAndStaysTheSame() throws IOException {
    assertThat(RedisConsole.ask(TestRedis.sharedUri().getPort(), "PING")).isEqualTo("PONG");
    assertThat(TestRedis.sharedUri()).isEqualTo(TestRedis.sharedUri());
  }

  @Test
  void aKilledServerComesBackEmptyOnItsPort() {
    try (PrivateRedis redis = TestRedis.startPrivate()) {
      redis.ask("SET", "key", "value");
      redis.kill();
      assertThat(redis.isRunning()).isFalse();
      assertThatThrownBy(() -> redis.ask("PING")).isInstanceOf(UncheckedIOException.class);
      redis.start();
      assertThat(redis.ask("GET", "key")).isEmpty();
    }
  }

  @Test
  void aFlushedServerHasNoKeys() {
    try (PrivateRedis redis = TestRedis.startPrivate()) {
      redis.ask("SET", "key", "value");
      redis.flushAll();
      assertThat(redis.ask("DBSIZE")).isEqualTo("0");
    }
  }

  @Test
  void aPausedServerAnswersNobodyUntilItIsResumed() {
    try (PrivateRedis redis = TestRedis.startPrivate()) {
      redis.ask("SET", "key", "value");
      redis.pause();
      assertThatThrownBy(() -> redis.ask("PING")).hasCauseInstanceOf(SocketTimeoutException.class);
      redis.resume();
      assertThat(redis.ask("GET", "key")).isEqualTo("value");
    }
  }

  @Test
  void aPauseForATimeEndsByItself() {
    try (PrivateRedis redis = TestRedis.startPrivate()) {
      long beforePause = System.nanoTime();
      CompletableFuture<Void> running = redis.pause(Duration.ofMillis(200));
      assertThat(redis.ask("PING")).isEqualTo("PONG");
      assertThat(System.nanoTime() - beforePause).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(199));
      await().until(running::isDone);
    }
  }

  @Test
  void aPausedServerCanBeKilled() {
    try (PrivateRedis redis = TestRedis.startPrivate()) {
      redis.pause();
      redis.kill();
      redis.start();
      assertThat(redis.ask("PING")).isEqualTo("PONG");
    }
  }
}
