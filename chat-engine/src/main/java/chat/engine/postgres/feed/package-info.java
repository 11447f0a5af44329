/** Feeds in PostgreSQL: their leases and cursors. */
@NullMarked
package chat.engine.postgres.feed;

import org.jspecify.annotations.NullMarked;
