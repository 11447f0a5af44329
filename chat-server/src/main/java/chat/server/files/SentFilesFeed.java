package chat.server.files;

import chat.engine.ChatEngine;
import chat.engine.ConversationChange;
import chat.engine.FileId;
import chat.engine.Message;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedEntry;
import chat.engine.feed.FeedOptions;
import chat.server.conversations.FeedOnDemand;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Follows on a durable feed which messages have which files, and which of them are gone. So a file
 * is known to be sent a moment after its message is, and forgotten with the last message that has
 * it.
 *
 * <p>There is no feed until the first file comes in; from then on every node follows it.
 * Thread-safe.
 */
public final class SentFilesFeed implements AutoCloseable {
  private static final String NAME = "files";

  private final Jdbi jdbi;
  private final FeedOnDemand feed;

  /**
   * Opens nothing yet.
   *
   * @param opened told of the feed when it is open
   */
  public SentFilesFeed(ChatEngine engine, Jdbi jdbi, Consumer<Feed> opened) {
    this.jdbi = jdbi;
    this.feed =
        new FeedOnDemand(engine, NAME, FeedOptions.DEFAULT.concurrency(8), this::accept, opened);
  }

  /** See {@link FeedOnDemand#open}. A message that is sent later is noted. */
  void open() {
    feed.open();
  }

  /** Opens the feed if the first file has come in, here before this start or at another node. */
  public void openIfUsed() {
    if (!feed.isOpen() && isUsed()) {
      feed.open();
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

  /** See {@link FeedOnDemand#hasDeliveredAll}. */
  public boolean hasDeliveredAll() {
    return feed.hasDeliveredAll();
  }

  @Override
  public void close() {
    feed.close();
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
