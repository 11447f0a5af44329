/**
 * The servers that a program needs on this machine, and what can be done to them: a real PostgreSQL
 * and a real Redis that can be killed, stopped and started again, and TCP links that can fail.
 * Knows nothing of chat. Calls run on the caller's thread and block; each connection of a proxy has
 * two threads.
 */
@NullMarked
package chat.engine.examples.local;

import org.jspecify.annotations.NullMarked;
