/**
 * Connections to PostgreSQL: transactions with their limits, what an {@code SQLException} means for
 * the caller, the first connection at a start, and arrays as parameters. It knows JDBC and the
 * errors of the API, nothing of the tables; {@link chat.engine.postgres} uses it. Every call blocks
 * on the thread of the caller. Not part of the API.
 */
@NullMarked
package chat.engine.postgres.connection;

import org.jspecify.annotations.NullMarked;
