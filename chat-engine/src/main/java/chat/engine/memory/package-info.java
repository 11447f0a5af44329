/**
 * In-memory implementations of the SPIs, for tests, examples and chat that may be forgotten. Know
 * the SPIs only. Called on the engine's threads; start none of their own.
 */
@NullMarked
package chat.engine.memory;

import org.jspecify.annotations.NullMarked;
