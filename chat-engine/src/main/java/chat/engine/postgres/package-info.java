/**
 * The reference {@link chat.engine.spi.MessageStore} on PostgreSQL, and machine-id leases in one of
 * its tables. An append takes {@code FastAppend}, or {@code FullAppend} where that does not apply,
 * as where messages are edited; {@code CommitRows} and {@code CommitLog} tell other nodes what was
 * committed. Knows the SPIs only. Called on the engine's threads; starts none but the connection
 * pool's.
 */
@NullMarked
package chat.engine.postgres;

import org.jspecify.annotations.NullMarked;
