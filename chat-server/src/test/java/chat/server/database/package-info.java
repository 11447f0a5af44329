/** The server's database, as far as it can be tested without a server. */
@NullMarked
package chat.server.database;

import org.jspecify.annotations.NullMarked;
