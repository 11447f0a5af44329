/**
 * The servers that a program needs on this machine: a real PostgreSQL and a real Redis, started and
 * ended with it. Knows nothing of chat. Calls run on the caller's thread and block.
 */
@NullMarked
package chat.engine.examples.local;

import org.jspecify.annotations.NullMarked;
