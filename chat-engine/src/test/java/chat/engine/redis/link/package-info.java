/** Tests of the connections to Redis, on a real server. */
@NullMarked
package chat.engine.redis.link;

import org.jspecify.annotations.NullMarked;
