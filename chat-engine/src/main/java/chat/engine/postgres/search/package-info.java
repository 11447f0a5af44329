/**
 * Search in messages: {@code IndexedConversation} brings the index up to date, and {@code
 * SearchPass} answers a search with it, from the newest messages to the oldest. Every call blocks
 * on the thread of the caller. Not part of the API.
 */
@NullMarked
package chat.engine.postgres.search;

import org.jspecify.annotations.NullMarked;
