/**
 * Conversations, their members and receipts: the rules for groups, a cache of what conversations
 * are, and the writer of receipts. May depend on {@code session} and what is below it. Rules run on
 * the store threads, receipts on a thread of their own.
 */
@NullMarked
package chat.engine.internal.conversation;

import org.jspecify.annotations.NullMarked;
