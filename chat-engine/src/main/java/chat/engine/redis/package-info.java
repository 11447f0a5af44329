/**
 * The reference {@link chat.engine.spi.Router} on Redis or Redis Cluster, and machine-id leases
 * there. Knows the SPIs only. Owns one thread that subscribes and one that keeps the node's lease
 * and watches the link.
 */
@NullMarked
package chat.engine.redis;

import org.jspecify.annotations.NullMarked;
