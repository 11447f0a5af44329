/**
 * Conversations and receipts: a cache of what conversations are, the writer of receipts, reports,
 * erasure and retention. May depend on {@code session} and what is below it. Calls of the store run
 * on the store threads, receipts on a thread of their own.
 */
@NullMarked
package chat.engine.internal.conversation;

import org.jspecify.annotations.NullMarked;
