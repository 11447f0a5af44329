package chat.engine.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.redis.link.RedisLink.Subscription;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestRedis;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;

/** One link to one real Redis. */
@Timeout(60)
final class StandaloneLinkTest {
  private static final HostAndPort NOWHERE = new HostAndPort("127.0.0.1", 1);

  private final URI uri = TestRedis.sharedUri();
  private final HostAndPort here = new HostAndPort(uri.getHost(), uri.getPort());
  private final AtomicReference<HostAndPort> address = new AtomicReference<>(here);
  private final AtomicBoolean nobodyKnows = new AtomicBoolean();
  private final String key = "test-" + UUID.randomUUID();
  private final StandaloneLink link =
      new StandaloneLink(this::current, DefaultJedisClientConfig.builder().build(), 2_000);

  private HostAndPort current() {
    if (nobodyKnows.get()) {
      throw RedisFailure.unreachable("nobody knows, on purpose");
    }
    return address.get();
  }

  @AfterEach
  void close() {
    link.close();
  }

  private String connection() {
    return String.valueOf(link.commands().sendCommand(Protocol.Command.CLIENT, "ID"));
  }

  @Test
  void allCommandsOfACallAreAnsweredInTheirOrderAndRefusalsAreAmongTheReplies() {
    Replies replies =
        link.call(
            List.of(
                Command.set(key, "a text", 10_000),
                Command.members(key),
                Command.get(key),
                Command.delete(key)));
    assertThat(replies.text(0)).isEqualTo("OK");
    RedisFailure refused = replies.failure(1);
    assertThat(refused).isNotNull();
    assertThat(refused.kind()).isEqualTo(RedisFailure.Kind.WRONG_TYPE);
    assertThat(replies.text(2)).isEqualTo("a text");
    assertThat(replies.number(3)).isEqualTo(1);
  }

  @Test
  void oneCommandMayNameManyKeys() {
    link.call(
        List.of(Command.add(key + 1, List.of("a", "b")), Command.add(key + 2, List.of("b", "c"))));
    assertThat(link.joinsKeys()).isTrue();
    assertThat(link.call(List.of(Command.intersection(List.of(key + 1, key + 2)))).texts(0))
        .containsExactly("b");
    assertThat(link.call(List.of(Command.intersection(List.of(key + 1, key + 2, key)))).texts(0))
        .isEmpty();
    link.call(List.of(Command.delete(key + 1), Command.delete(key + 2)));
  }

  @Test
  void aConnectionIsUsedAgainUntilTheLinkLeaves() {
    String first = connection();
    assertThat(connection()).isEqualTo(first);
    link.leave();
    assertThat(connection()).isNotEqualTo(first);
  }

  @Test
  void theLinkHasMovedWhenItsAddressLeadsElsewhere() {
    address.set(NOWHERE);
    assertThat(link.hasMoved()).as("it has not been anywhere").isFalse();
    address.set(here);
    link.call(List.of(Command.get(key)));
    assertThat(link.hasMoved()).isFalse();
    address.set(NOWHERE);
    assertThat(link.hasMoved()).isTrue();
    nobodyKnows.set(true);
    assertThat(link.hasMoved()).as("what works is kept").isFalse();
  }

  @Test
  void aServerThatIsAwayIsNamed() {
    address.set(NOWHERE);
    assertThatThrownBy(() -> link.call(List.of(Command.get(key))))
        .isInstanceOf(RedisFailure.class)
        .hasMessageContaining("(127.0.0.1:1)");
    assertThatThrownBy(() -> link.subscribe(key, payload -> {}, () -> {}))
        .isInstanceOf(RedisFailure.class)
        .hasMessageContaining("(127.0.0.1:1)");
    try (StandaloneLink tls = new StandaloneLink("rediss://127.0.0.1:1", 2_000)) {
      assertThatThrownBy(() -> tls.call(List.of(Command.get(key))))
          .hasMessageContaining("(127.0.0.1:1, with TLS)");
    }
  }

  @Test
  void aServerThatTakesNoWritesIsLeft() {
    try (PrivateRedis replica = TestRedis.startPrivate()) {
      address.set(new HostAndPort("127.0.0.1", replica.port()));
      String one = connection();
      CompletableFuture<?> waiting =
          CompletableFuture.supplyAsync(
              () -> link.commands().blpop(1, key), task -> new Thread(task).start());
      await().until(() -> !connection().equals(one)); // the other one is taken
      String other = connection();
      waiting.join();
      replica.ask("REPLICAOF", "127.0.0.1", "1");
      assertThatThrownBy(() -> link.call(List.of(Command.get(key), Command.set(key, "a text"))))
          .isInstanceOfSatisfying(
              RedisFailure.class,
              fault -> assertThat(fault.kind()).isEqualTo(RedisFailure.Kind.WRONG_SERVER))
          .hasMessageContaining("READONLY");
      assertThat(connection()).as("all its connections are closed").isNotIn(one, other);
    }
  }

  @Test
  void aSubscriptionDeliversInOrderUntilItIsCut() {
    List<String> received = new CopyOnWriteArrayList<>();
    CompletableFuture<Boolean> subscribed = new CompletableFuture<>();
    Subscription subscription =
        link.subscribe(
            key,
            payload -> received.add(new String(payload, StandardCharsets.UTF_8)),
            () -> subscribed.complete(true));
    CompletableFuture<Void> ended =
        CompletableFuture.runAsync(subscription::run, task -> new Thread(task).start());
    subscribed.join();
    for (int i = 0; i < 3; i++) {
      byte[] payload = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
      assertThat(link.call(List.of(link.publication(key, payload))).number(0)).isEqualTo(1);
    }
    await().untilAsserted(() -> assertThat(received).containsExactly("0", "1", "2"));
    subscription.cut();
    subscription.cut();
    await().until(ended::isDone);
    assertThatThrownBy(ended::join).hasCauseInstanceOf(RedisFailure.class);
    await().until(() -> link.call(List.of(link.publication(key, new byte[0]))).number(0) == 0);
  }

  @Test
  void aLinkThatIsClosedDoesNotConnect() {
    link.call(List.of(Command.get(key)));
    link.close();
    assertThatThrownBy(() -> link.call(List.of(Command.get(key)))).isInstanceOf(RedisFailure.class);
  }

  /** Jedis connects again when a connection that is not connected is to be used. */
  @Test
  void aSubscriptionThatIsCutBeforeItRunsEndsAtOnce() {
    AtomicBoolean subscribed = new AtomicBoolean();
    Subscription subscription = link.subscribe(key, payload -> {}, () -> subscribed.set(true));
    subscription.cut();
    assertThat(CompletableFuture.runAsync(subscription::run))
        .succeedsWithin(Duration.ofSeconds(20));
    assertThat(subscribed).isFalse();
  }
}
