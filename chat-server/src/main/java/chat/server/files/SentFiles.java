package chat.server.files;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.HistoryQuery.Direction;
import chat.server.accounts.Account;
import chat.server.conversations.Conversations;
import chat.server.json.ApiException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The messages that files were sent with. Who may read one of them may read its files: a member who
 * sees the history from there on, as long as the message is not deleted. Thread-safe; blocks.
 */
public final class SentFiles implements FileAccess {
  /** A file that was sent more often is looked for in so many messages, the newest first. */
  private static final int LOOKED_AT = 32;

  private static final int LOOKS = 4;

  /**
   * So many calls may look again at once, one per user. Whoever asks for files that are not for
   * them would otherwise keep all threads of REST waiting; the others are answered at once, and may
   * ask again.
   */
  static final int MOST_WAITING = 2;

  private static final long BETWEEN_LOOKS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  private final Jdbi jdbi;
  private final ChatEngine engine;
  private final SentFilesFeed feed;
  private final Semaphore waiting = new Semaphore(MOST_WAITING);
  private final Set<Long> waitingReaders = ConcurrentHashMap.newKeySet();

  private record Use(long conversation, long seq) {}

  /**
   * @param feed notes which messages have which files
   */
  public SentFiles(Jdbi jdbi, ChatEngine engine, SentFilesFeed feed) {
    this.jdbi = jdbi;
    this.engine = engine;
    this.feed = feed;
  }

  @Override
  public void expectFiles() {
    feed.open();
  }

  /**
   * Notes that a message has these files. What is noted already stays; ids of files that there are
   * not are left out.
   */
  public static void sent(
      Handle handle, ConversationId conversation, long seq, Collection<String> fileIds) {
    for (String fileId : fileIds) {
      handle
          .createUpdate(
              """
              insert into server_file_use (file_id, conversation_id, seq)
              select file_id, :conversation, :seq from server_file
              where file_id = :file and removed_at is null
              on conflict do nothing""")
          .bind("conversation", conversation.value())
          .bind("seq", seq)
          .bind("file", fileId)
          .execute();
    }
  }

  /** Notes that a message is gone, with what it said. */
  public static void unsent(Handle handle, ConversationId conversation, long seq) {
    handle
        .createUpdate(
            "delete from server_file_use where conversation_id = :conversation and seq = :seq")
        .bind("conversation", conversation.value())
        .bind("seq", seq)
        .execute();
  }

  /** Notes that all messages below a seq are gone. */
  static void unsentBelow(Handle handle, ConversationId conversation, long seq) {
    handle
        .createUpdate(
            "delete from server_file_use where conversation_id = :conversation and seq < :seq")
        .bind("conversation", conversation.value())
        .bind("seq", seq)
        .execute();
  }

  /**
   * A file that was sent just now may not be known as such yet, so it is looked for some more
   * times.
   */
  @Override
  public boolean mayRead(Account reader, String fileId) {
    if (isAmongUses(reader, fileId)) {
      return true;
    }
    if (!waitingReaders.add(reader.id())) {
      return false;
    }
    try {
      return waiting.tryAcquire() && mayReadSoon(reader, fileId);
    } finally {
      waitingReaders.remove(reader.id());
    }
  }

  private boolean mayReadSoon(Account reader, String fileId) {
    try {
      for (int look = 2; look <= LOOKS && !Thread.currentThread().isInterrupted(); look++) {
        LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        if (isAmongUses(reader, fileId)) {
          return true;
        }
      }
      return false;
    } finally {
      waiting.release();
    }
  }

  private boolean isAmongUses(Account reader, String fileId) {
    return uses(fileId).stream().anyMatch(use -> mayRead(reader, use));
  }

  private List<Use> uses(String fileId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select conversation_id, seq from server_file_use where file_id = :file
                    order by conversation_id desc, seq desc limit :most""")
                .bind("file", fileId)
                .bind("most", LOOKED_AT)
                .map((row, context) -> new Use(row.getLong(1), row.getLong(2)))
                .list());
  }

  private boolean mayRead(Account reader, Use use) {
    try {
      HistoryQuery page = new HistoryQuery(Direction.AFTER, use.seq() - 1, 1);
      return Conversations.await(
              engine.asUser(reader.userId()).history(new ConversationId(use.conversation()), page))
          .messages()
          .stream()
          .anyMatch(message -> message.seq() == use.seq() && message.deletedAt() == null);
    } catch (ChatException refused) {
      return switch (refused.code()) {
        case NOT_FOUND, FORBIDDEN, BAD_REQUEST -> false;
        default -> throw refused;
      };
    } catch (ApiException refused) {
      return switch (refused.error()) {
        case NOT_FOUND, FORBIDDEN, BAD_REQUEST -> false;
        default -> throw refused;
      };
    }
  }
}
