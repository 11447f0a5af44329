/**
 * The server's database: one that is given, or a real PostgreSQL of its own in a directory. Both
 * get the same tables. Blocks.
 */
@NullMarked
package chat.server.database;

import org.jspecify.annotations.NullMarked;
