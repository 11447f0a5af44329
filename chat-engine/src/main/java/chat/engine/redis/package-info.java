/**
 * The reference {@link chat.engine.spi.Router} on Redis, on a master behind Redis Sentinels, or on
 * Redis Cluster; and machine-id leases there. Knows the SPIs and Jedis only; Jedis stays behind
 * {@link chat.engine.redis.link.RedisLink}. A router that was started owns one thread that blocks
 * on its subscription and one that keeps its lease and compares its topics with the table;
 * everything else runs on the threads of its callers.
 */
@NullMarked
package chat.engine.redis;

import org.jspecify.annotations.NullMarked;
