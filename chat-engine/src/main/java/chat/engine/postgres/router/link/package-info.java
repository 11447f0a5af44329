/**
 * Connections to PostgreSQL that the router keeps, statements over them, and what their errors
 * mean. Knows JDBC and no chat. Starts no threads.
 */
@NullMarked
package chat.engine.postgres.router.link;

import org.jspecify.annotations.NullMarked;
