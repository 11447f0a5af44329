/**
 * Tests of Sonyflake ids: their layout, the clock, the leases and the generator, each by itself
 * with clocks that the test moves, and clusters of them under random faults. Knows the contract and
 * the in-memory leases.
 */
@NullMarked
package chat.engine.sonyflake;

import org.jspecify.annotations.NullMarked;
