/**
 * How often strangers and users may do what costs something: guess passwords, register, call. Kept
 * in bounded memory, by each node for itself; nothing blocks.
 */
@NullMarked
package chat.server.guard;

import org.jspecify.annotations.NullMarked;
