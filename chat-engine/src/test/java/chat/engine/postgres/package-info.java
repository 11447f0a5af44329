/**
 * Tests of the PostgreSQL store on a real PostgreSQL: it keeps the contract of the SPI, and what
 * only a database can get wrong. Knows {@code chat.engine.contract} and {@code
 * chat.engine.testing}.
 */
@NullMarked
package chat.engine.postgres;

import org.jspecify.annotations.NullMarked;
