/**
 * The reference {@link chat.engine.spi.MessageStore} on PostgreSQL, and machine-id leases in one of
 * its tables. Knows the SPIs only; its SQL is in one place. Called on the engine's threads; starts
 * none but the connection pool's.
 */
@NullMarked
package chat.engine.postgres;

import org.jspecify.annotations.NullMarked;
