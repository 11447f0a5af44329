package chat.server.conversations;

import chat.engine.ChatEngine;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedOptions;
import chat.server.json.ApiException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A durable feed that is opened when it is first needed. A feed reads every message of the cluster
 * back from the database, and a server that does not need it should not pay for that. Thread-safe.
 */
public final class FeedOnDemand implements AutoCloseable {
  private final ChatEngine engine;
  private final String name;
  private final FeedOptions options;
  private final FeedConsumer consumer;
  private final Consumer<Feed> opened;
  private @Nullable CompletableFuture<Feed> opening; // under this object's lock
  private volatile @Nullable Feed feed; // set under this object's lock

  /**
   * Opens nothing yet.
   *
   * @param opened told of the feed when it is open
   */
  public FeedOnDemand(
      ChatEngine engine,
      String name,
      FeedOptions options,
      FeedConsumer consumer,
      Consumer<Feed> opened) {
    this.engine = engine;
    this.name = name;
    this.options = options;
    this.consumer = consumer;
    this.opened = opened;
  }

  /**
   * Blocks until the feed is open. Messages that are sent later are in it.
   *
   * @throws ApiException {@code unavailable} if the store is away or the engine drains
   */
  public void open() {
    if (feed == null) {
      becameOpen(Conversations.await(opening()));
    }
  }

  /** One attempt for all callers, also for those who come after it has taken too long for one. */
  private synchronized CompletableFuture<Feed> opening() {
    if (opening == null || opening.isCompletedExceptionally()) {
      opening = engine.feed(name, options, consumer);
    }
    return opening;
  }

  private synchronized void becameOpen(Feed open) {
    if (feed == null) {
      feed = open;
      opened.accept(open);
    }
  }

  public boolean isOpen() {
    return feed != null;
  }

  /** Whether this node is the one that follows the feed for the cluster. */
  public boolean isActive() {
    Feed open = feed;
    return open != null && open.state().active();
  }

  /** Whether this node follows the feed for the cluster, and nothing waits. */
  public boolean hasDeliveredAll() {
    Feed open = feed;
    if (open == null) {
      return false;
    }
    Feed.State state = open.state();
    return state.active() && state.waiting() == 0;
  }

  @Override
  public synchronized void close() {
    if (feed != null) {
      feed.close();
    }
  }
}
