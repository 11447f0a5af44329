/**
 * What the engine needs from outside, for those who implement it: {@link
 * chat.engine.spi.MessageStore} (with its conversations and last-seen parts), {@link
 * chat.engine.spi.Router} and {@link chat.engine.spi.IdGenerator}. Knows the plain data of {@code
 * chat.engine} and nobody else. All calls are synchronous and may block: the engine makes them on
 * its own bounded threads.
 *
 * <p>The test-jar has the contract tests that an implementation must pass, in {@code
 * chat.engine.contract}: one each for a store (with all parts that it reaches), a router, an id
 * generator and machine ids that are leased, and one for each optional part of a store, {@link
 * chat.engine.spi.TransactionalStore} with its {@link chat.engine.spi.StoreTransaction}s, {@link
 * chat.engine.spi.PublicationOutbox} and {@link chat.engine.spi.MachineIdLeaseSource}.
 */
@NullMarked
package chat.engine.spi;

import org.jspecify.annotations.NullMarked;
