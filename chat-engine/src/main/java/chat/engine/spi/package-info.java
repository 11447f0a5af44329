/**
 * What the engine needs from outside, for those who implement it: {@link
 * chat.engine.spi.MessageStore} (with its conversations and last-seen parts), {@link
 * chat.engine.spi.Router} and {@link chat.engine.spi.IdGenerator}. Knows the plain data of {@code
 * chat.engine} and nobody else. All calls are synchronous and may block: the engine makes them on
 * its own bounded threads. For each SPI the test-jar has a contract test class that an
 * implementation must pass.
 */
@NullMarked
package chat.engine.spi;

import org.jspecify.annotations.NullMarked;
