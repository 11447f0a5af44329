/**
 * Connections to Redis: one server, a master behind Redis Sentinels, or Redis Cluster, behind
 * {@link chat.engine.redis.link.RedisLink}. The only package that knows which of the three it talks
 * to. It knows Jedis and nothing of chat; {@link chat.engine.redis} uses it. Every call blocks on
 * the thread of the caller, up to the time-outs. Not part of the API.
 */
@NullMarked
package chat.engine.redis.link;

import org.jspecify.annotations.NullMarked;
