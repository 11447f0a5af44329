/**
 * In-memory implementations of the SPIs, for tests, examples and chat that may be forgotten. Know
 * the SPIs only. They run on the engine's threads and start none.
 */
@NullMarked
package chat.engine.memory;

import org.jspecify.annotations.NullMarked;
