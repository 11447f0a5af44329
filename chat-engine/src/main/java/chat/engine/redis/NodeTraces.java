package chat.engine.redis;

import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.params.SetParams;

/**
 * What a node has in Redis, under its id: a lease, a place in the list of nodes, its topics, and
 * itself in each of these topics. Knows how to write and erase that, not when.
 *
 * <p>Every method blocks, and throws what Jedis throws; then some of it may be done. Holds no
 * state.
 */
final class NodeTraces {
  static final Duration LEASE = Duration.ofSeconds(5);

  /** How long another survivor leaves it to the claimant to clean up. */
  private static final Duration CLAIM = Duration.ofSeconds(30);

  private static final int PAGE = 1_000;

  private final RedisLink link;
  private final RedisKeys keys;
  private final AtomicLong commands;

  NodeTraces(RedisLink link, RedisKeys keys, AtomicLong commands) {
    this.link = link;
    this.keys = keys;
    this.commands = commands;
  }

  void register(String id, Collection<Topic> topics) {
    try (AbstractPipeline pipeline = link.pipeline()) {
      pipeline.set(keys.lease(id), "1", SetParams.setParams().px(LEASE.toMillis()));
      pipeline.sadd(keys.nodes(), id);
      pipeline.sync();
    }
    commands.addAndGet(2);
    addTopics(id, topics);
  }

  /**
   * @return false if the lease is gone
   */
  boolean renew(String id) {
    commands.incrementAndGet();
    String answer =
        link.commands().set(keys.lease(id), "1", SetParams.setParams().xx().px(LEASE.toMillis()));
    return answer != null;
  }

  void addTopics(String id, Collection<Topic> added) {
    List<Topic> all = List.copyOf(added);
    for (int start = 0; start < all.size(); start += PAGE) {
      List<Topic> page = all.subList(start, Math.min(start + PAGE, all.size()));
      try (AbstractPipeline pipeline = link.pipeline()) {
        pipeline.sadd(keys.topicsOf(id), page.stream().map(Topic::name).toArray(String[]::new));
        page.forEach(topic -> pipeline.sadd(keys.topic(topic), id));
        pipeline.sync();
      }
      commands.addAndGet(page.size() + 1);
    }
  }

  void removeTopics(String id, Collection<String> removed) {
    List<String> all = List.copyOf(removed);
    for (int start = 0; start < all.size(); start += PAGE) {
      List<String> page = all.subList(start, Math.min(start + PAGE, all.size()));
      try (AbstractPipeline pipeline = link.pipeline()) {
        page.forEach(topic -> pipeline.srem(keys.topic(topic), id));
        pipeline.srem(keys.topicsOf(id), page.toArray(String[]::new));
        pipeline.sync();
      }
      commands.addAndGet(page.size() + 1);
    }
  }

  /** Removes every trace of a node. @return the topics that it had */
  Set<String> forget(String id) {
    Set<String> had = link.commands().smembers(keys.topicsOf(id));
    removeTopics(id, had);
    try (AbstractPipeline pipeline = link.pipeline()) {
      pipeline.del(keys.topicsOf(id));
      pipeline.del(keys.lease(id));
      pipeline.srem(keys.nodes(), id);
      pipeline.sync();
    }
    commands.addAndGet(4);
    return had;
  }

  /** All that have a place in the list, dead or alive. */
  Set<String> nodes() {
    commands.incrementAndGet();
    return new HashSet<>(link.commands().smembers(keys.nodes()));
  }

  boolean isAlive(String id) {
    commands.incrementAndGet();
    return link.commands().exists(keys.lease(id));
  }

  /** Whether this survivor is the one to clean up after a dead node. */
  boolean claim(String id, String claimant) {
    commands.incrementAndGet();
    String mine =
        link.commands()
            .set(keys.claim(id), claimant, SetParams.setParams().nx().px(CLAIM.toMillis()));
    return mine != null;
  }
}
