/**
 * Tests of the engine as a whole: what it does for users, with bad input, and under faults. Knows
 * the API, the implementations and {@code chat.engine.testing}; listeners run on the engine's
 * threads.
 */
@NullMarked
package chat.engine.internal;

import org.jspecify.annotations.NullMarked;
