/**
 * Calls the application's hooks, with deadlines and bounds. May depend on {@code presence}, which
 * knows whom a message did not reach, and below. Hooks have threads of their own.
 */
@NullMarked
package chat.engine.internal.hook;

import org.jspecify.annotations.NullMarked;
