package chat.engine.examples.faultcheck.feed;

import chat.engine.ChatEngine;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the feeds on a node. Stateless. */
public final class FollowedFeeds {
  /** The names of the feeds in the store. */
  public static final String AUDIT = "audit";

  public static final String BOTS = "bots";

  private static final Logger log = LoggerFactory.getLogger(FollowedFeeds.class);
  private static final long RETRY_MILLIS = 500;

  private FollowedFeeds() {}

  /** Takes batches for the record, a line each. */
  public static FeedConsumer audit(Consumer<String> record) {
    return batch -> {
      record.accept(AuditLine.of(batch, System.nanoTime()));
      return CompletableFuture.completedFuture(null);
    };
  }

  /** Opens both. Tries again and again, since the database may be away. */
  public static void open(ChatEngine engine, FeedConsumer audit, Map<UserId, Bot> bots)
      throws InterruptedException {
    untilOpen(() -> engine.feed(AUDIT, audit));
    untilOpen(() -> engine.bots(bots));
  }

  private static void untilOpen(Supplier<CompletableFuture<Feed>> opening)
      throws InterruptedException {
    while (true) {
      try {
        opening.get().join();
        return;
      } catch (CompletionException away) {
        log.info("a feed cannot be opened yet: {}", away.toString());
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    }
  }
}
