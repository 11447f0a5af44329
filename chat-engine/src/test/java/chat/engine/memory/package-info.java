/**
 * Tests of the in-memory implementations: they keep the contracts of the SPIs. Knows {@code
 * chat.engine.contract} and what it tests.
 */
@NullMarked
package chat.engine.memory;

import org.jspecify.annotations.NullMarked;
