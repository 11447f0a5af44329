package chat.engine.redis.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.redis.link.RedisLink.Subscription;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TcpProxy;
import chat.engine.testing.TestRedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.util.JedisClusterCRC16;

/** One link to a real Redis Cluster of three servers, over a network of its own. */
@EnabledIf(
    value = "chat.engine.testing.TestRedisCluster#available",
    disabledReason = "needs redis-server 7 on the path")
@Timeout(60)
final class ClusterLinkTest {
  private static final int SLOTS = 16_384;
  private static final int LONG_MILLIS = 10_000;

  private final TestRedisCluster cluster = TestRedisCluster.shared();
  private final String name = "test-" + UUID.randomUUID();
  private final Map<Integer, TcpProxy> network = new HashMap<>();
  private final HostAndPort start = start();
  private final ClusterLink link = open(LONG_MILLIS);

  private HostAndPort start() {
    cluster.nodes().forEach(node -> network.put(node.port(), TcpProxy.to(node.port())));
    return new HostAndPort("127.0.0.1", proxy(0).port());
  }

  private ClusterLink open(int timeoutMillis) {
    DefaultJedisClientConfig config =
        DefaultJedisClientConfig.builder()
            .clientName(name)
            .timeoutMillis(timeoutMillis)
            .hostAndPortMapper(
                address -> {
                  TcpProxy proxy = network.get(address.getPort());
                  return proxy == null ? address : new HostAndPort("127.0.0.1", proxy.port());
                })
            .build();
    return new ClusterLink(Set.of(start), config, timeoutMillis);
  }

  @AfterEach
  void close() {
    link.close();
    network.values().forEach(TcpProxy::close);
  }

  private PrivateRedis node(int index) {
    return cluster.nodes().get(index);
  }

  private TcpProxy proxy(int index) {
    return network.get(node(index).port());
  }

  /** A key of which nothing was stored, in a slot of the server with this index. */
  private String keyOn(int index) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> "test-" + UUID.randomUUID())
        .filter(key -> JedisClusterCRC16.getSlot(key) * 3 / SLOTS == index)
        .filter(key -> JedisClusterCRC16.getSlot(key) != SLOTS * index / 3)
        .findFirst()
        .orElseThrow();
  }

  /** How many connections of the link are open. */
  private long connections() {
    return cluster.nodes().stream()
        .flatMap(node -> node.ask("CLIENT", "LIST").lines())
        .filter(line -> line.contains("name=" + name))
        .count();
  }

  /** A number in what the servers say about themselves, in all. */
  private long sum(String section, String regex) {
    Pattern pattern = Pattern.compile(regex);
    long sum = 0;
    for (PrivateRedis node : cluster.nodes()) {
      Matcher found = pattern.matcher(node.ask("INFO", section));
      sum += found.find() ? Long.parseLong(found.group(1)) : 0;
    }
    return sum;
  }

  /** How often anybody has read the map of the slots. */
  private long mapReads() {
    return sum("commandstats", "cmdstat_cluster\\|slots:calls=(\\d+)");
  }

  private long movedErrors() {
    return sum("errorstats", "errorstat_MOVED:count=(\\d+)");
  }

  private void give(int slot, PrivateRedis from, PrivateRedis to) {
    String number = Integer.toString(slot);
    String owner = to.ask("CLUSTER", "MYID");
    to.ask("CLUSTER", "SETSLOT", number, "IMPORTING", from.ask("CLUSTER", "MYID"));
    to.ask("CLUSTER", "SETSLOT", number, "NODE", owner);
    cluster.nodes().forEach(node -> node.ask("CLUSTER", "SETSLOT", number, "NODE", owner));
  }

  @Test
  void repliesAreInTheOrderOfTheCommandsAndRefusalsAreAmongThem() {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      String key = keyOn(i % 3);
      commands.add(Command.set(key, "text " + i, 60_000));
      commands.add(Command.get(key));
    }
    commands.add(Command.members(commands.get(0).key()));
    Replies replies = link.call(commands);
    assertThat(replies.raw()).hasSize(19);
    for (int i = 0; i < 9; i++) {
      assertThat(replies.text(2 * i)).isEqualTo("OK");
      assertThat(replies.text(2 * i + 1)).isEqualTo("text " + i);
    }
    RedisFailure refused = replies.failure(18);
    assertThat(refused).isNotNull();
    assertThat(refused.kind()).isEqualTo(RedisFailure.Kind.WRONG_TYPE);
    assertThat(link.joinsKeys()).isFalse();
    assertThat(link.hasMoved()).as("each server says so itself").isFalse();
  }

  @Test
  void connectionsAndTheMapOfTheSlotsAreUsedAgainUntilTheLinkLeaves() {
    link.leave(); // it has not been anywhere
    List<Command> commands = List.of(Command.get(keyOn(0)), Command.get(keyOn(1)));
    for (int i = 0; i < 10; i++) {
      link.call(commands);
    }
    assertThat(connections()).isEqualTo(2);
    long reads = mapReads();
    link.call(commands);
    assertThat(mapReads()).isEqualTo(reads);
    link.leave();
    await().untilAsserted(() -> assertThat(connections()).isZero());
    link.call(commands);
    link.call(commands);
    assertThat(mapReads()).isEqualTo(reads + 1);
  }

  @Test
  void aCommandWhoseSlotHasMovedIsRepeatedThereAndNoOther() {
    String moved = keyOn(0);
    String other = keyOn(1);
    int slot = JedisClusterCRC16.getSlot(moved);
    link.call(List.of(Command.get(moved), Command.get(other)));
    long errors = movedErrors();
    give(slot, node(0), node(2));
    try {
      Replies replies =
          link.call(List.of(Command.add(other, Set.of("a")), Command.set(moved, "text", 60_000)));
      assertThat(replies.number(0)).as("0 if it were repeated").isEqualTo(1);
      assertThat(replies.text(1)).isEqualTo("OK");
      assertThat(movedErrors()).isEqualTo(errors + 1);
      assertThat(link.call(List.of(Command.get(moved))).text(0)).isEqualTo("text");
      assertThat(movedErrors()).as("the link knows the way").isEqualTo(errors + 1);
      link.call(List.of(Command.delete(moved)));
    } finally {
      give(slot, node(2), node(0));
      cluster.awaitHealthy();
    }
  }

  @Test
  void aClusterThatLacksASlotIsAskedAgain() {
    String key = keyOn(0);
    String slot = Integer.toString(JedisClusterCRC16.getSlot(key));
    try (ClusterLink late = new ClusterLink(Set.of("127.0.0.1:" + node(0).port()), LONG_MILLIS)) {
      node(0).ask("CLUSTER", "DELSLOTS", slot);
      try {
        assertThatThrownBy(() -> late.call(List.of(Command.get(key))))
            .isInstanceOf(RedisFailure.class);
      } finally {
        node(0).ask("CLUSTER", "ADDSLOTS", slot);
        cluster.awaitHealthy();
      }
      assertThat(late.call(List.of(Command.get(key))).text(0)).isNull();
    }
  }

  /** The replies of a server that did answer lie in its connection. */
  @Test
  void noCallReadsTheRepliesOfOneThatFailed() {
    String silent = keyOn(0);
    String first = keyOn(1);
    String second = keyOn(1);
    try (ClusterLink hasty = open(1_000)) {
      hasty.call(
          List.of(
              Command.set(silent, "silent", 60_000),
              Command.set(first, "first", 60_000),
              Command.set(second, "second", 60_000)));
      long reads = mapReads();
      proxy(0).swallowReplies();
      assertThatThrownBy(() -> hasty.call(List.of(Command.get(silent), Command.get(first))))
          .isInstanceOfSatisfying(
              RedisFailure.class,
              fault -> assertThat(fault.kind()).isEqualTo(RedisFailure.Kind.UNREACHABLE));
      proxy(0).heal();
      assertThat(hasty.call(List.of(Command.get(second))).text(0)).isEqualTo("second");
      assertThat(hasty.call(List.of(Command.get(silent))).text(0)).isEqualTo("silent");
      assertThat(mapReads()).as("another server may have the slots").isGreaterThan(reads);
    }
  }

  @Test
  void singleCommandsGoToTheServerOfTheirKey() {
    for (int i = 0; i < 3; i++) {
      String key = keyOn(i);
      link.commands().setex(key, 60, "text " + i);
      assertThat(link.commands().get(key)).isEqualTo("text " + i);
    }
  }

  @Test
  void aSubscriptionDeliversUntilItIsCut() {
    String channel = keyOn(2);
    List<String> received = new CopyOnWriteArrayList<>();
    CompletableFuture<Boolean> subscribed = new CompletableFuture<>();
    Subscription subscription =
        link.subscribe(
            channel,
            payload -> received.add(new String(payload, StandardCharsets.UTF_8)),
            () -> subscribed.complete(true));
    CompletableFuture<Void> ended =
        CompletableFuture.runAsync(subscription::run, task -> new Thread(task).start());
    subscribed.join();
    byte[] payload = "text".getBytes(StandardCharsets.UTF_8);
    assertThat(link.call(List.of(link.publication(channel, payload))).number(0)).isEqualTo(1);
    await().untilAsserted(() -> assertThat(received).containsExactly("text"));
    long reads = mapReads();
    subscription.cut();
    assertThatThrownBy(ended::join).hasCauseInstanceOf(RedisFailure.class);
    await().until(() -> link.call(List.of(link.publication(channel, payload))).number(0) == 0);
    assertThat(mapReads()).as("its shard may have moved").isGreaterThan(reads);
  }

  @Test
  void aSubscriptionThatCannotConnectSaysSo() {
    String channel = keyOn(1);
    link.call(List.of(Command.get(channel)));
    link.leave();
    network.values().forEach(TcpProxy::cut);
    assertThatThrownBy(() -> link.subscribe(channel, payload -> {}, () -> {}))
        .isInstanceOf(RedisFailure.class);
    network.values().forEach(TcpProxy::heal);
    long reads = mapReads();
    link.call(List.of(Command.get(channel)));
    assertThat(mapReads()).isGreaterThan(reads);
  }

  @Test
  void aClusterThatIsAwayIsFoundWhenItComesBack() {
    network.values().forEach(TcpProxy::cut);
    List<Command> commands = List.of(Command.get(keyOn(0)));
    assertThatThrownBy(() -> link.call(commands)).isInstanceOf(RedisFailure.class);
    network.values().forEach(TcpProxy::heal);
    assertThat(link.call(commands).text(0)).isNull();
  }

  @Test
  void aLinkThatIsClosedHasNoConnectionsAndMakesNone() {
    List<Command> commands = List.of(Command.get(keyOn(0)));
    link.call(commands);
    assertThat(connections()).isPositive();
    link.close();
    await().untilAsserted(() -> assertThat(connections()).isZero());
    assertThatThrownBy(() -> link.call(commands))
        .isInstanceOf(RedisFailure.class)
        .hasMessageContaining("the link is closed");
  }
}
