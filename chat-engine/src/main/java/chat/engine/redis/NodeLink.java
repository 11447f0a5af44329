package chat.engine.redis;

import chat.engine.spi.Router.Receiver;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisException;

/**
 * A node's own place in Redis: its channel, its lease and its topics.
 *
 * <p>Everything hangs on an incarnation: a name, and the connection that is subscribed to its
 * channel. When that connection breaks, or nothing came through it for {@link #SILENCE} although
 * the node writes to itself every second, or the lease is found gone (Redis was flushed, restarted
 * empty, or stood still), the incarnation ends and the next one begins under a new name: it
 * subscribes, writes all topics, and then tells the engine to doubt. So a survivor that cleans up
 * after a name that seemed dead can never take away the topics of a node that came back.
 *
 * <p>Two threads: the subscriber blocks on the connection and hands over what comes; the watchdog
 * does all the rest.
 */
final class NodeLink implements AutoCloseable {
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration SILENCE = Duration.ofMillis(2_500);
  private static final Duration START_WAIT = Duration.ofSeconds(2);
  private static final Duration CLOSE_WAIT = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(NodeLink.class);

  /** One life of this node in Redis. */
  private static final class Incarnation {
    private final String id;
    private volatile RedisLink.@Nullable Subscription subscription;
    private volatile boolean subscribed;
    private volatile boolean registered;

    Incarnation(String id) {
      this.id = id;
    }

    void cut() {
      RedisLink.Subscription open = subscription;
      if (open != null) {
        open.cut();
      }
    }
  }

  /** A sign of life from Redis, by the clock that nobody sets. */
  private record Heard(long nanos) {
    static Heard now() {
      return new Heard(System.nanoTime());
    }

    boolean isLongAgo() {
      return System.nanoTime() - nanos >= SILENCE.toNanos();
    }
  }

  private final RedisLink link;
  private volatile RedisKeys keys;
  private volatile NodeTraces traces;
  private final Set<Topic> topics;
  private final AtomicLong commands;
  private final String name = UUID.randomUUID().toString().substring(0, 13);
  private final Thread subscriber = new Thread(this::subscribeForever, "chat-redis-subscriber");
  private final Thread watchdog = new Thread(this::watch, "chat-redis-watchdog");
  private final CountDownLatch firstRegistration = new CountDownLatch(1);
  private final Object registration = new Object();

  /** Envelopes may be missing here; guarded by registration. */
  private boolean doubtful;

  /** Other nodes, as seen last; owned by the watchdog. */
  private Set<String> others = Set.of();

  private final Set<String> dead = ConcurrentHashMap.newKeySet();
  private final List<String> formerIds = new ArrayList<>();
  private volatile @Nullable Receiver receiver;
  private volatile @Nullable Incarnation current;
  private volatile Heard lastHeard = Heard.now();
  private volatile boolean lastCallFailed;
  private volatile boolean closed;
  private int incarnations;

  NodeLink(RedisLink link, RedisKeys keys, Set<Topic> topics, AtomicLong commands) {
    this.link = link;
    this.keys = keys;
    this.traces = new NodeTraces(link, keys, commands);
    this.topics = topics;
    this.commands = commands;
    subscriber.setDaemon(true);
    watchdog.setDaemon(true);
  }

  void start(RedisKeys ownKeys, Receiver ownReceiver) {
    keys = ownKeys;
    traces = new NodeTraces(link, ownKeys, commands);
    receiver = ownReceiver;
    subscriber.start();
    watchdog.start();
    try {
      if (!firstRegistration.await(START_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Redis does not answer; this node goes on alone until it does");
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    synchronized (registration) {
      if (firstRegistration.getCount() > 0) {
        doubt(); // from here on it is subscribed to what it does not get
      }
    }
  }

  String name() {
    return name;
  }

  boolean isHealthy() {
    Incarnation now = current;
    return now != null && now.registered && !lastCallFailed && !lastHeard.isLongAgo();
  }

  void linkFailed() {
    lastCallFailed = true;
    LockSupport.unpark(watchdog);
  }

  boolean isSelfOrDead(String id) {
    return id.equals(name) || id.startsWith(name + ".") || dead.contains(id);
  }

  // ---- subscriptions

  void subscribe(List<Topic> added) {
    synchronized (registration) {
      Incarnation now = current;
      if (now == null || !now.registered) {
        return; // the next registration writes all topics
      }
      try {
        traces.addTopics(now.id, added);
      } catch (JedisException fault) {
        giveUp(now, "subscriptions could not be written", fault);
      }
    }
  }

  void unsubscribe(List<Topic> removed) {
    synchronized (registration) {
      Incarnation now = current;
      if (now == null || !now.registered) {
        return;
      }
      try {
        traces.removeTopics(now.id, removed.stream().map(Topic::name).toList());
      } catch (JedisException fault) {
        giveUp(now, "subscriptions could not be erased", fault);
      }
    }
  }

  // ---- the subscriber

  private void subscribeForever() {
    long backoffMillis = 50;
    while (!closed) {
      Incarnation next = new Incarnation(name + "." + ++incarnations);
      try {
        RedisLink.Subscription subscription =
            link.connect(keys.channel(next.id), this::onFrame, () -> onSubscribed(next));
        next.subscription = subscription;
        if (!closed) {
          subscription.run();
        }
      } catch (RuntimeException fault) {
        log.debug("the subscription of {} ended", next.id, fault);
      }
      if (closed) {
        return;
      }
      boolean wasRegistered = next.registered;
      retire(next);
      backoffMillis = wasRegistered ? 50 : Math.min(2 * backoffMillis, 1_000);
      LockSupport.parkNanos(
          TimeUnit.MILLISECONDS.toNanos(
              backoffMillis / 2 + ThreadLocalRandom.current().nextLong(backoffMillis)));
    }
  }

  private void onSubscribed(Incarnation incarnation) {
    incarnation.subscribed = true;
    lastHeard = Heard.now();
    current = incarnation;
    LockSupport.unpark(watchdog);
  }

  private void retire(Incarnation ended) {
    synchronized (registration) {
      if (ended.registered) {
        log.warn(
            "the link to Redis broke; it is made anew, and what it may have lost is read from the store");
        doubt();
        formerIds.add(ended.id);
      }
      ended.registered = false;
      if (current == ended) {
        current = null;
      }
    }
  }

  private void onFrame(byte[] frame) {
    lastHeard = Heard.now();
    if (Frames.isProbe(frame)) {
      return;
    }
    Receiver to = receiver;
    if (to == null) {
      return;
    }
    try {
      Frames.unpack(frame).forEach(to::onEnvelope);
    } catch (RuntimeException fault) {
      log.warn("a frame could not be read; what it said is read from the store", fault);
      to.onDoubt();
    }
  }

  // ---- the watchdog

  private void watch() {
    while (!closed) {
      try {
        tick();
        lastCallFailed = false;
      } catch (JedisException fault) {
        lastCallFailed = true;
        log.debug("Redis did not answer the watchdog", fault);
      } catch (RuntimeException fault) {
        log.error("the watchdog failed", fault);
      }
      Incarnation now = current;
      boolean waiting = now == null || !now.registered || lastCallFailed;
      LockSupport.parkNanos(waiting ? TICK.toNanos() / 10 : TICK.toNanos());
    }
  }

  private void tick() {
    Incarnation now = current;
    if (now == null) {
      return;
    }
    if (!now.registered) {
      register(now);
    } else if (!traces.renew(now.id)) {
      giveUp(now, "the lease is gone: Redis was flushed, restarted or stood still", null);
      return;
    }
    link.publish(List.of(new RedisLink.Frame(keys.channel(now.id), Frames.PROBE)));
    commands.incrementAndGet();
    if (lastHeard.isLongAgo()) {
      giveUp(now, "nothing comes through the subscription", null);
      return;
    }
    forgetFormerIds();
    watchOthers(now);
  }

  /** Ends an incarnation: its connection is cut, and the subscriber begins the next one. */
  private void giveUp(Incarnation incarnation, String why, @Nullable Throwable fault) {
    log.warn("leaving Redis as {} to come back under a new name: {}", incarnation.id, why, fault);
    incarnation.cut();
  }

  private void register(Incarnation incarnation) {
    boolean inDoubt;
    synchronized (registration) {
      if (current != incarnation) {
        return;
      }
      traces.register(incarnation.id, topics);
      incarnation.registered = true;
      firstRegistration.countDown();
      inDoubt = doubtful;
      doubtful = false;
    }
    lastCallFailed = false;
    log.info("linked to Redis as {}", incarnation.id);
    Receiver told = receiver;
    if (inDoubt && told != null) {
      told.onDoubt();
    }
  }

  /** To be called under the registration lock; told when the node is registered again. */
  private void doubt() {
    doubtful = true;
  }

  private void forgetFormerIds() {
    while (true) {
      String former;
      synchronized (registration) {
        if (formerIds.isEmpty()) {
          return;
        }
        former = formerIds.get(0);
      }
      traces.forget(former);
      synchronized (registration) {
        formerIds.remove(former);
      }
    }
  }

  private void watchOthers(Incarnation self) {
    Set<String> nodes = traces.nodes();
    if (!nodes.contains(self.id)) {
      giveUp(self, "this node was taken for dead", null);
      return;
    }
    nodes.removeIf(id -> id.equals(self.id) || id.startsWith(name + "."));
    boolean someoneVanished = others.stream().anyMatch(id -> !nodes.contains(id));
    Set<String> alive = new HashSet<>();
    for (String id : nodes) {
      if (traces.isAlive(id)) {
        alive.add(id);
        dead.remove(id);
      } else {
        someoneVanished |= others.contains(id);
        dead.add(id);
        claim(id);
      }
    }
    dead.removeIf(id -> !nodes.contains(id));
    others = alive;
    Receiver told = receiver;
    if (someoneVanished && told != null) {
      // It may have committed something in its last moments, of which nobody was told.
      told.onDoubt();
    }
  }

  private void claim(String id) {
    Receiver told = receiver;
    if (traces.claim(id, name) && told != null) {
      Set<Topic> had = new HashSet<>();
      traces.forget(id).forEach(topic -> had.add(new Topic(topic)));
      told.onNodeDied(id, had);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    LockSupport.unpark(watchdog);
    Incarnation last = current;
    try {
      if (watchdog.isAlive()) {
        watchdog.join(CLOSE_WAIT.toMillis());
      }
      if (last != null) {
        traces.forget(last.id);
        last.cut();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (JedisException gone) {
      log.debug("could not leave Redis; the lease ends by itself", gone);
    }
    if (last != null) {
      last.cut();
    }
    LockSupport.unpark(subscriber);
  }
}
