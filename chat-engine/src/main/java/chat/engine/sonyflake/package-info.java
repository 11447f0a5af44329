/**
 * Sonyflake ids, bit for bit as sony/sonyflake v1 lays them out, and a generator that holds leased
 * machine ids. Depends on {@link chat.engine.spi.IdGenerator} and {@link
 * chat.engine.spi.MachineIdLeases} only. Ids are made on the calling threads; one thread per
 * generator, {@code chat-id-lease}, renews the leases.
 */
@NullMarked
package chat.engine.sonyflake;

import org.jspecify.annotations.NullMarked;
