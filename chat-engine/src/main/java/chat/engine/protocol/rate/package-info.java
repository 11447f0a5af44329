/**
 * How fast clients may send: by each connection, and by all connections of a user together. Knows
 * the ids of users and nothing of the protocol. Runs on the threads that handle requests; nothing
 * blocks.
 */
@NullMarked
package chat.engine.protocol.rate;

import org.jspecify.annotations.NullMarked;
