package chat.engine.redis;

import chat.engine.redis.link.Command;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.redis.link.Replies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * A link to a Redis that lives in this JVM, whose clock stands still unless a test moves it, and
 * which fails as a test wants. Knows the commands that the router uses. Thread-safe.
 */
final class FakeRedis implements RedisLink {
  /** Everything that was sent, in order. */
  final List<Command> sent = new ArrayList<>();

  /** The refusal of a command, or null. */
  Function<Command, @Nullable RedisFailure> refusal = command -> null;

  /** What happens to a call as a whole, or null. */
  @Nullable RedisFailure broken;

  /** Runs on the subscriber's thread before it is subscribed. */
  volatile Runnable beforeSubscribed = () -> {};

  boolean cluster;
  boolean moved;
  boolean closed;
  int left;
  long nanos = 1_000_000_000_000L;

  private final Map<String, Object> values = new HashMap<>();
  private final Map<String, Long> expiries = new HashMap<>();
  private final Map<String, List<FakeSubscription>> channels = new LinkedHashMap<>();

  static RedisFailure refused(String message) {
    return RedisFailure.of(new JedisDataException(message));
  }

  private static RedisFailure wrongType() {
    return refused("WRONGTYPE Operation against a key holding the wrong kind of value");
  }

  synchronized void advance(long millis) {
    nanos += millis * 1_000_000;
  }

  synchronized long nanoTime() {
    return nanos;
  }

  synchronized void flush() {
    values.clear();
    expiries.clear();
  }

  synchronized void delete(String key) {
    values.remove(key);
    expiries.remove(key);
  }

  synchronized void put(String key, Object value) {
    delete(key);
    values.put(key, value);
  }

  synchronized @Nullable Object value(String key) {
    Long expiry = expiries.get(key);
    if (expiry != null && expiry <= nanos) {
      delete(key);
    }
    return values.get(key);
  }

  @SuppressWarnings("unchecked")
  synchronized Set<String> set(String key) {
    Object value = value(key);
    return value == null ? Set.of() : Set.copyOf((Set<String>) value);
  }

  synchronized long countSent(Protocol.Command verb) {
    return sent.stream().filter(command -> command.verb() == verb).count();
  }

  @Override
  public synchronized Replies call(List<Command> commands) {
    sent.addAll(commands);
    RedisFailure failure = broken;
    if (failure != null) {
      left++;
      throw failure;
    }
    List<@Nullable Object> replies = new ArrayList<>();
    for (Command command : commands) {
      RedisFailure refused = refusal.apply(command);
      if (refused != null && refused.kind() == RedisFailure.Kind.WRONG_SERVER) {
        left++;
        throw refused;
      }
      try {
        replies.add(refused != null ? refused : execute(command));
      } catch (ClassCastException other) {
        replies.add(wrongType());
      }
    }
    return new Replies(replies);
  }

  @SuppressWarnings("unchecked")
  private @Nullable Object execute(Command command) {
    String key = command.key();
    List<?> arguments = command.arguments();
    Object value = value(key);
    switch (command.verb()) {
      case SADD -> {
        Set<String> set = value == null ? new HashSet<>() : new HashSet<>((Set<String>) value);
        long added = arguments.stream().filter(member -> set.add((String) member)).count();
        values.put(key, set);
        return added;
      }
      case SREM -> {
        Set<String> set = value == null ? new HashSet<>() : new HashSet<>((Set<String>) value);
        long removed = arguments.stream().filter(set::remove).count();
        if (set.isEmpty()) {
          delete(key);
        } else {
          values.put(key, set);
        }
        return removed;
      }
      case SMEMBERS -> {
        Set<String> set = value == null ? Set.of() : (Set<String>) value;
        return set.stream().map(member -> member.getBytes(StandardCharsets.UTF_8)).toList();
      }
      case SISMEMBER -> {
        Set<String> set = value == null ? Set.of() : (Set<String>) value;
        return set.contains((String) arguments.get(0)) ? 1L : 0L;
      }
      case SET -> {
        if (arguments.contains("NX") && value != null) {
          return null;
        }
        put(key, arguments.get(0));
        int ttl = arguments.indexOf("PX");
        if (ttl >= 0) {
          expiries.put(key, nanos + (Long) arguments.get(ttl + 1) * 1_000_000);
        }
        return "OK".getBytes(StandardCharsets.UTF_8);
      }
      case GET -> {
        return value == null ? null : ((String) value).getBytes(StandardCharsets.UTF_8);
      }
      case EXISTS -> {
        return value == null ? 0L : 1L;
      }
      case SINTER -> {
        Set<String> common = value == null ? new HashSet<>() : new HashSet<>((Set<String>) value);
        for (Object other : arguments) {
          Object set = value((String) other);
          common.retainAll(set == null ? Set.of() : (Set<String>) set);
        }
        return common.stream().map(one -> one.getBytes(StandardCharsets.UTF_8)).toList();
      }
      case PEXPIRE -> {
        if (value == null) {
          return 0L;
        }
        expiries.put(key, nanos + (Long) arguments.get(0) * 1_000_000);
        return 1L;
      }
      case PTTL -> {
        Long expiry = expiries.get(key);
        return value == null ? -2L : expiry == null ? -1L : (expiry - nanos) / 1_000_000;
      }
      case DEL -> {
        delete(key);
        return value == null ? 0L : 1L;
      }
      case PUBLISH -> {
        List<FakeSubscription> to = channels.getOrDefault(key, List.of());
        to.forEach(subscription -> subscription.onPayload.accept((byte[]) arguments.get(0)));
        return (long) to.size();
      }
      default -> throw new IllegalArgumentException("unknown: " + command);
    }
  }

  @Override
  public UnifiedJedis commands() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Command publication(String channel, byte[] payload) {
    return Command.publish(Protocol.Command.PUBLISH, channel, payload);
  }

  @Override
  public boolean joinsKeys() {
    return !cluster;
  }

  @Override
  public boolean hasMoved() {
    return moved;
  }

  @Override
  public synchronized void leave() {
    left++;
  }

  @Override
  public synchronized Subscription subscribe(
      String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
    RedisFailure failure = broken;
    if (failure != null) {
      throw failure;
    }
    return new FakeSubscription(channel, onPayload, onSubscribed);
  }

  /** Ends all subscriptions, as a server does that dies. */
  synchronized void breakSubscriptions() {
    channels.values().stream().flatMap(List::stream).toList().forEach(FakeSubscription::cut);
  }

  /** Subscribes on another server, where nothing arrives. */
  synchronized void dropSubscriptions() {
    channels.clear();
  }

  @Override
  public synchronized void close() {
    closed = true;
  }

  private final class FakeSubscription implements Subscription {
    private final String channel;
    private final Consumer<byte[]> onPayload;
    private final Runnable onSubscribed;
    private final CountDownLatch end = new CountDownLatch(1);

    FakeSubscription(String channel, Consumer<byte[]> onPayload, Runnable onSubscribed) {
      this.channel = channel;
      this.onPayload = onPayload;
      this.onSubscribed = onSubscribed;
    }

    @Override
    public void run() {
      beforeSubscribed.run();
      synchronized (FakeRedis.this) {
        if (end.getCount() > 0) {
          channels.computeIfAbsent(channel, unused -> new ArrayList<>()).add(this);
        }
      }
      onSubscribed.run();
      try {
        end.await();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
      throw RedisFailure.unreachable("the subscription was cut");
    }

    @Override
    public void cut() {
      synchronized (FakeRedis.this) {
        List<FakeSubscription> subscribed = channels.get(channel);
        if (subscribed != null) {
          subscribed.remove(this);
        }
        end.countDown();
      }
    }
  }

  /** Makes an incarnation receive what is published on its channel, without a thread. */
  synchronized void subscribe(RedisKeys keys, Incarnation incarnation, Membership membership) {
    FakeSubscription subscription =
        new FakeSubscription(
            keys.channel(incarnation.id()),
            frame -> membership.received(incarnation, frame),
            () -> {});
    channels.computeIfAbsent(subscription.channel, unused -> new ArrayList<>()).add(subscription);
    incarnation.attach(subscription);
    membership.subscribed(incarnation);
  }
}
