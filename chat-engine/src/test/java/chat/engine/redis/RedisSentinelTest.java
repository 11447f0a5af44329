package chat.engine.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Publication;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import chat.engine.testing.Logged;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.PrivateSentinel;
import chat.engine.testing.TestRedis;
import chat.engine.testing.router.Recorder;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A master, a replica and a Sentinel, all real. */
@Tag("thorough")
@Timeout(120)
final class RedisSentinelTest {
  private static final Topic BOB = new Topic("user:bob");
  private static final String MASTER = "chat_master";

  private final PrivateRedis master = TestRedis.startPrivate();
  private final PrivateRedis replica =
      TestRedis.startPrivate(List.of("--replicaof", "127.0.0.1", Integer.toString(master.port())));
  private final PrivateSentinel sentinel = TestRedis.startSentinel(MASTER, master);
  private final Logged logged = Logged.below("chat.engine.redis");
  private final Recorder bob = new Recorder();
  private final RedisRouter one = open();
  private final RedisRouter two = open();

  private RedisRouter open() {
    // One of the Sentinels is away.
    return RedisRouter.openSentinel(MASTER, Set.of("127.0.0.1:1", sentinel.address()), "chat");
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  @BeforeEach
  void start() {
    soon().until(() -> replica.ask("INFO", "replication").contains("master_link_status:up"));
    soon().until(() -> sentinel.ask("INFO", "sentinel").contains("slaves=1"));
    one.start("c", new Recorder());
    two.start("c", bob);
    two.subscribe(List.of(BOB));
    soon().until(() -> one.healthy() && two.healthy());
    deliver();
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
    sentinel.close();
    replica.close();
    master.close();
    logged.close();
  }

  private void deliver() {
    bob.envelopes.clear();
    soon()
        .ignoreException(RouterUnavailableException.class)
        .until(
            () -> {
              one.publish(List.of(new Publication(List.of(BOB), new byte[] {'x'})));
              return !bob.envelopes.isEmpty();
            });
  }

  private void awaitAllOn(PrivateRedis server) {
    soon().until(() -> server.ask("INFO", "replication").contains("role:master"));
    soon().until(() -> one.healthy() && two.healthy());
    soon()
        .ignoreException(RouterUnavailableException.class)
        .until(() -> one.subscribed(List.of(BOB)).equals(Set.of(BOB)));
    deliver();
  }

  @Test
  void aMasterThatDiesIsFollowed() {
    int before = bob.doubts.get();
    master.kill();
    soon().untilAsserted(() -> assertThat(bob.doubts).hasValueGreaterThan(before));
    awaitAllOn(replica);
    assertThat(logged.warnings()).hasSizeLessThan(16);
  }

  @Test
  void aMasterThatIsDemotedIsFollowedWithTheSubscription() {
    int before = bob.doubts.get();
    long incarnations = logged.lines("linked to Redis").size();
    soon() // the Sentinel has to find the replica in a good state first
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> sentinel.ask("SENTINEL", "FAILOVER", MASTER).equals("OK"));
    soon().until(() -> master.ask("INFO", "replication").contains("role:slave"));
    soon().untilAsserted(() -> assertThat(bob.doubts).hasValueGreaterThan(before));
    awaitAllOn(replica);
    soon().until(() -> master.ask("PUBSUB", "CHANNELS", "chat:*").isEmpty());
    assertThat(logged.lines("linked to Redis").size() - incarnations).isLessThan(7);
    assertThat(logged.lines("READONLY").size()).isLessThan(3);
  }

  @Test
  void whatNoSentinelKnowsIsSaid() {
    try (RedisRouter lost =
        RedisRouter.openSentinel("unknown", Set.of(sentinel.address()), "chat")) {
      lost.start("c", new Recorder());
      assertThat(lost.healthy()).isFalse();
      assertThat(logged.lines("does not know a master of the name unknown")).hasSize(1);
    }
  }

  @Test
  void addressesThatAreNoneAreRefusedWithoutTheirPassword() {
    assertThatThrownBy(() -> RedisRouter.openSentinel(MASTER, Set.of(), "chat"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RedisRouter.open("redis://user:pass word@host:6379"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("pass word");
    assertThatThrownBy(() -> RedisRouter.open("http://host:6379"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RedisRouter.open("redis://host:6379", "a namespace"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a namespace");
  }
}
