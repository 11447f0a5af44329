/**
 * A copy of everything in files, for the embedded database, which has no pg_dump, and from any
 * PostgreSQL to any other. Blocks.
 */
@NullMarked
package chat.server.backup;

import org.jspecify.annotations.NullMarked;
