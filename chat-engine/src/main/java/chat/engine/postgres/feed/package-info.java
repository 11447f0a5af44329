/**
 * Feeds in PostgreSQL: their leases and cursors, in {@code PostgresFeeds}. Knows {@code
 * chat.engine.spi.feed} and the connections of {@code chat.engine.postgres}, and nothing of the
 * engine. Every method blocks, on the thread of the feed that calls it.
 */
@NullMarked
package chat.engine.postgres.feed;

import org.jspecify.annotations.NullMarked;
