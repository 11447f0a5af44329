/**
 * Calls the application's hooks, with deadlines and bounds. May depend on {@code conversation} and
 * below. Each kind of hook has threads that do nothing else.
 */
@NullMarked
package chat.engine.internal.hook;

import org.jspecify.annotations.NullMarked;
