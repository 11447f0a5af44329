/**
 * Tests of the connections to PostgreSQL that need no server: what an error means, and what a pool
 * tells about itself.
 */
@NullMarked
package chat.engine.postgres.connection;

import org.jspecify.annotations.NullMarked;
