/**
 * Messages: a batch of sends, edits and deletions becomes rows in one transaction, and messages are
 * read. An append takes {@code FastAppend}, or {@code FullAppend} where that does not apply, as
 * where messages are edited. Every call blocks on the thread of the caller. Not part of the API.
 */
@NullMarked
package chat.engine.postgres.message;

import org.jspecify.annotations.NullMarked;
