package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestRedis;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a whole node writes to its log while Redis, which links it to others and leases its ids, is
 * away: a line for each part that notices, and one for each that works again, however much happens
 * meanwhile.
 */
@Tag("thorough")
@Timeout(180)
final class RedisOutageLogTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration OUTAGE = Duration.ofSeconds(35);
  private static final int USERS = 20;

  private final PrivateRedis redis = TestRedis.startPrivate();
  private final String uri = redis.uri().toString();
  private final ChatEngine engine =
      ChatEngine.builder()
          .store(new InMemoryMessageStore())
          .router(RedisRouter.open(uri))
          .ids(SonyflakeIdGenerator.create(RedisMachineIdLeases.open(uri, "chat")))
          .build();
  private final List<ChatSession> sessions = new ArrayList<>();
  private ConversationId group;
  private Logged logged;

  @BeforeEach
  void talk() {
    IntStream.range(0, USERS)
        .mapToObj(i -> UserId.of("user" + i))
        .forEach(
            user ->
                sessions.add(
                    engine.connect(user, DeviceId.of("d"), new RecordingListener()).join()));
    group = sessions.get(0).createGroup("all", Set.of(UserId.of("user1"))).join().id();
    await().atMost(SOON).until(() -> engine.health().router());
    logged = Logged.below("chat.engine");
  }

  @AfterEach
  void close() {
    logged.close();
    engine.close();
    redis.close();
  }

  /** All that goes through Redis, again and again. */
  private void work(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    int[] round = new int[1];
    await()
        .atMost(time.plus(SOON))
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              int i = round[0]++;
              CompletableFuture<?> sent =
                  sessions.get(0).send(group, NewMessage.text("message " + i));
              sessions.get(0).typing(group, true);
              CompletableFuture<?> watched =
                  sessions.get(1).watchPresence(Set.of(UserId.of("nobody" + i)));
              engine.disconnect(UserId.of("gone" + i), "go");
              CompletableFuture<ChatSession> guest =
                  engine.connect(UserId.of("guest" + i), DeviceId.of("d"), new RecordingListener());
              for (CompletableFuture<?> call : List.of(sent, watched, guest)) {
                call.handle((done, fault) -> null).get(60, TimeUnit.SECONDS);
              }
              if (!guest.isCompletedExceptionally()) {
                guest.join().close();
              }
              return System.nanoTime() - end >= 0;
            });
  }

  private void awaitHealth() {
    await()
        .atMost(SOON)
        .until(() -> engine.health().equals(new ChatEngine.Health(true, true, true)));
    await()
        .atMost(SOON)
        .until(
            () -> !sessions.get(0).send(group, NewMessage.text("well")).isCompletedExceptionally());
  }

  @Test
  void aRedisThatIsKilledAndComesBackIsALineForEachPartAndOneForItsRecovery() {
    redis.kill();
    work(OUTAGE);
    redis.start();
    awaitHealth();
    work(Duration.ofSeconds(5));
    assertLinesOfAnOutage();
  }

  @Test
  void soIsOneThatStandsStill() {
    redis.pause();
    work(OUTAGE);
    redis.resume();
    awaitHealth();
    work(Duration.ofSeconds(5));
    assertLinesOfAnOutage();
  }

  private void assertLinesOfAnOutage() {
    assertThat(logged.warnings())
        .as("the link, the leases, and the sends")
        .hasSize(3)
        .anyMatch(line -> line.startsWith("WARN the link to Redis does not work: "))
        .anyMatch(line -> line.startsWith("WARN machine ids cannot be leased or renewed;"))
        .anyMatch(line -> line.startsWith("WARN sends are refused until there are ids: "));
    assertThat(logged.lines(" again"))
        .filteredOn(line -> line.startsWith("INFO"))
        .hasSize(3)
        .anyMatch(line -> line.contains("the link to Redis works again"))
        .anyMatch(line -> line.contains("machine ids can be leased and renewed again"))
        .anyMatch(line -> line.contains("there are ids again"));
  }
}
