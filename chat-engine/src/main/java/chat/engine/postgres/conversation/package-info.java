/**
 * Conversations: how they begin, change and end, and how the receipts of their members move. Every
 * call blocks on the thread of the caller, in the transaction of the connection that it is given.
 * Not part of the API.
 */
@NullMarked
package chat.engine.postgres.conversation;

import org.jspecify.annotations.NullMarked;
