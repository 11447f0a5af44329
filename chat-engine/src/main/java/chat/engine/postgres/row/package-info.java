/**
 * The tables of the store as rows: their columns, and how one is read, written and locked. It knows
 * nothing of batches or rules; the rooms {@code message} and {@code conversation} use it. Every
 * call blocks on the thread of the caller, in the transaction of the connection that it is given.
 * Not part of the API.
 */
@NullMarked
package chat.engine.postgres.row;

import org.jspecify.annotations.NullMarked;
