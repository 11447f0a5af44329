/**
 * A {@link chat.engine.spi.Router} on PostgreSQL: a cluster that needs nothing but the store's
 * database. Knows the SPI and JDBC only. A router that was started owns one thread that renews its
 * lease and waits for notifications, and one that compares its topics with the table; everything
 * else runs on the threads of its callers.
 */
@NullMarked
package chat.engine.postgres.router;

import org.jspecify.annotations.NullMarked;
