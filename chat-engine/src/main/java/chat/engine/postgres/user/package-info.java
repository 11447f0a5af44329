/**
 * Users: what they let others see; and when they are erased or renamed, which columns name them and
 * what becomes of the rows. May use the other rooms of the store on PostgreSQL but the one of
 * messages. Everything here runs in the transaction of a connection, on the thread of the caller.
 */
@NullMarked
package chat.engine.postgres.user;

import org.jspecify.annotations.NullMarked;
