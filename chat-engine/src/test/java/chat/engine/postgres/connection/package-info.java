/**
 * Tests of the connections to PostgreSQL, each class by itself: how transactions begin and end,
 * what an error means, what a pool tells about itself, and how its connections go back.
 */
@NullMarked
package chat.engine.postgres.connection;

import org.jspecify.annotations.NullMarked;
