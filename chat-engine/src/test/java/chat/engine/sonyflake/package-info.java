/**
 * Tests of Sonyflake ids: their layout, and a generator whose clock is set back and whose leases
 * are lost. Knows the contract and the in-memory leases; clocks are moved by the tests.
 */
@NullMarked
package chat.engine.sonyflake;

import org.jspecify.annotations.NullMarked;
