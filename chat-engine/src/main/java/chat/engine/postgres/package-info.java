/**
 * The reference {@link chat.engine.spi.MessageStore} on PostgreSQL, and machine-id leases in one of
 * its tables. What it does with messages is in {@code message}, with conversations and members in
 * {@code conversation}, and how rows are read and written in {@code row}; {@code CommitLog} tells
 * other nodes what was committed. Knows the SPIs only. Called on the engine's threads; starts none
 * but the connection pool's.
 */
@NullMarked
package chat.engine.postgres;

import org.jspecify.annotations.NullMarked;
