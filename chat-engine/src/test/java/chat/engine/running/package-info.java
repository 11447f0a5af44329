/**
 * Tests of whole engines: how they begin and end, alone and several of them, with and without
 * faults.
 */
@NullMarked
package chat.engine.running;

import org.jspecify.annotations.NullMarked;
