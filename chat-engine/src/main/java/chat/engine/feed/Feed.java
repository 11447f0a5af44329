package chat.engine.feed;

import chat.engine.Experimental;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * A feed that this node has opened. Of all nodes that have opened a feed with the same name, one
 * delivers, and another takes over within 10 s if it dies, or within 3 s if it is closed.
 * Thread-safe.
 */
@Experimental
public interface Feed extends AutoCloseable {
  String name();

  /** The state of the feed on this node; does not block. */
  State state();

  /**
   * Delivers everything that was sent and changed from a time on once more, through the node that
   * delivers. Times are those of the messages and changes, by the clocks of the nodes that took
   * them: choose one that is earlier by as much as these may differ. Undelivered entries still
   * come, in their place. The time that this takes grows with the number of all conversations.
   *
   * <p>The future completes when the new cursor is committed. If it fails, some conversations may
   * be delivered again and some not; it can be repeated. {@code NOT_FOUND} after {@link #forget}.
   */
  CompletableFuture<Void> replay(Instant from);

  /**
   * Closes the feed on this node and removes its cursor, so a feed that is opened under its name
   * later is a new one. Nodes that still have it open create a new one, too: close it there first.
   */
  CompletableFuture<Void> forget();

  /**
   * Ends delivery on this node. Waits up to 2 s for the batches that the consumer has in hand;
   * those that are not done then are delivered again, here or on another node. Idempotent. Closing
   * the engine does this, too.
   */
  @Override
  void close();

  /**
   * The state of a feed on one node.
   *
   * @param active whether this node delivers it at present
   * @param inHand conversations of which the consumer has a batch
   * @param waiting conversations that have something to deliver, as far as is known here
   * @param failing of those, the ones whose last batch failed
   * @param behind for how long there has always been something waiting; zero if nothing waits
   */
  record State(boolean active, int inHand, int waiting, int failing, Duration behind) {}
}
