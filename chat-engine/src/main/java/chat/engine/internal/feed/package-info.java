/**
 * Puts what was committed in order, per conversation, hands it to the sessions of this node, and
 * repairs holes from the store. May depend on {@code conversation}, {@code session}, {@code
 * cluster} and below. Each shard has one thread, which owns its feeds; reads run on the store
 * threads.
 */
@NullMarked
package chat.engine.internal.feed;

import org.jspecify.annotations.NullMarked;
