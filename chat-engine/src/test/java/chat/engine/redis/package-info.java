/**
 * Tests of the Redis router and leases on a real Redis, and a real Redis Cluster where there is
 * one. Knows the contracts and {@code chat.engine.testing}; servers of a test are its own when it
 * breaks them.
 */
@NullMarked
package chat.engine.redis;

import org.jspecify.annotations.NullMarked;
