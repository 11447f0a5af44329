/**
 * The way of a send, an edit or a deletion from the call to the commit: limits, hooks, lanes, the
 * committer, and what happens when the store is away or a conversation is locked. The writes
 * themselves are in {@code pending}. May depend on {@code hook}, {@code conversation}, {@code
 * session} and below. Each lane has a thread; futures are completed on the answer threads.
 */
@NullMarked
package chat.engine.internal.send;

import org.jspecify.annotations.NullMarked;
