package chat.server.files;

import chat.engine.ChatEngine;
import chat.engine.ConversationChange;
import chat.engine.FileId;
import chat.engine.Message;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedEntry;
import chat.engine.feed.FeedOptions;
import chat.server.conversations.Conversations;
import chat.server.json.ApiException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Follows on a durable feed which messages have which files, and which of them are gone. So a file
 * is known to be sent a moment after its message is, and forgotten with the last message that has
 * it.
 *
 * <p>A feed reads every message of the cluster, so there is none until the first file comes in;
 * from then on every node follows it. Thread-safe.
 */
public final class SentFilesFeed implements AutoCloseable {
  private static final String NAME = "files";

  private final ChatEngine engine;
  private final Jdbi jdbi;
  private final Consumer<Feed> opened;
  private @Nullable CompletableFuture<Feed> opening; // under this object's lock
  private volatile @Nullable Feed feed;

  /**
   * Opens nothing yet.
   *
   * @param opened told of the feed when it is open
   */
  public SentFilesFeed(ChatEngine engine, Jdbi jdbi, Consumer<Feed> opened) {
    this.engine = engine;
    this.jdbi = jdbi;
    this.opened = opened;
  }

  /**
   * Blocks until the feed is open. A message that is sent later is noted.
   *
   * @throws ApiException {@code unavailable} if the store is away or the engine drains
   */
  void open() {
    if (feed == null) {
      becameOpen(Conversations.await(opening()));
    }
  }

  /** One attempt for all callers, also for those who come after it has taken too long for one. */
  private synchronized CompletableFuture<Feed> opening() {
    if (opening == null || opening.isCompletedExceptionally()) {
      opening = engine.feed(NAME, FeedOptions.DEFAULT.concurrency(8), this::accept);
    }
    return opening;
  }

  private synchronized void becameOpen(Feed open) {
    if (feed == null) {
      feed = open;
      opened.accept(open);
    }
  }

  /** Opens the feed if the first file has come in, here before this start or at another node. */
  public void openIfUsed() {
    if (feed == null && isUsed()) {
      open();
    }
  }

  private boolean isUsed() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select exists (select from chat_feeds where feed = :name)")
                .bind("name", NAME)
                .mapTo(boolean.class)
                .one());
  }

  /** Whether this node follows the feed, and nothing waits. */
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

  private CompletionStage<?> accept(FeedBatch batch) {
    if (batch.entries().stream().anyMatch(SentFilesFeed::isOfFiles)) {
      jdbi.useTransaction(handle -> batch.entries().forEach(entry -> note(handle, entry)));
    }
    return CompletableFuture.completedFuture(null);
  }

  private static boolean isOfFiles(FeedEntry entry) {
    if (entry instanceof FeedEntry.Sent sent) {
      return hasFiles(sent.message());
    }
    return switch (((FeedEntry.Changed) entry).change().kind()) {
      case MESSAGE_DELETED, EXPIRED, DELETED -> true;
      default -> false;
    };
  }

  private static boolean hasFiles(Message message) {
    return !message.deleted() && !message.attachments().isEmpty();
  }

  private static void note(Handle handle, FeedEntry entry) {
    if (entry instanceof FeedEntry.Sent sent) {
      Message message = sent.message();
      if (hasFiles(message)) {
        SentFiles.sent(
            handle,
            message.conversation(),
            message.seq(),
            message.attachments().stream().map(FileId::value).toList());
      }
      return;
    }
    ConversationChange change = ((FeedEntry.Changed) entry).change();
    switch (change.kind()) {
      case MESSAGE_DELETED -> {
        Message message = change.message();
        if (message != null) {
          SentFiles.unsent(handle, change.conversation(), message.seq());
        }
      }
      case EXPIRED ->
          SentFiles.unsentBelow(
              handle, change.conversation(), Objects.requireNonNull(change.firstSeq()));
      case DELETED -> SentFiles.unsentBelow(handle, change.conversation(), Long.MAX_VALUE);
      default -> {}
    }
  }
}
