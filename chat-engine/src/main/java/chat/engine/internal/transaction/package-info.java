/**
 * What the engine does inside transactions of the application, and how that is shown after their
 * commit. May depend on {@code send}, {@code conversation} and below. Runs on the threads of the
 * application, which block; publishes on the store threads.
 */
@NullMarked
package chat.engine.internal.transaction;

import org.jspecify.annotations.NullMarked;
