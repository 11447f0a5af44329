package chat.server.rest;

import chat.engine.ChatApplication;
import chat.engine.UserId;
import chat.engine.UserRecord;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.UserRecordJson;
import chat.server.http.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that is stored of an account as JSON Lines: what the server itself has, then what the chat
 * has. The engine reads the next page when the client has taken the one before. Used by one thread
 * at a time, and blocks it.
 */
public final class AccountExport implements Response.Source {
  private static final int PART_BYTES = 32 * 1024;

  private final ChatApplication chat;
  private final UserId user;
  private final List<ObjectNode> stored;
  private final BlockingQueue<Page> pages = new ArrayBlockingQueue<>(2); // a page, and the end
  private final ByteArrayOutputStream lines = new ByteArrayOutputStream();
  private ByteBuffer rest = ByteBuffer.allocate(0);
  private @Nullable Page page;
  private Iterator<UserRecord> records = List.<UserRecord>of().iterator();
  private boolean begun;
  private boolean ended;
  private volatile boolean closed;

  /**
   * @param records empty at the end
   * @param written completes when there is room for more
   * @param fault of the export, at its end
   */
  private record Page(
      List<UserRecord> records, CompletableFuture<Void> written, @Nullable Throwable fault) {}

  /**
   * @param stored the first lines: what the server itself has of the user
   */
  public AccountExport(ChatApplication chat, UserId user, List<ObjectNode> stored) {
    this.chat = chat;
    this.user = user;
    this.stored = stored;
  }

  @Override
  public @Nullable ByteBuffer next() throws IOException {
    if (!rest.hasRemaining()) {
      rest = ByteBuffer.wrap(moreLines());
    }
    if (!rest.hasRemaining()) {
      return null;
    }
    ByteBuffer part = rest.slice(rest.position(), Math.min(PART_BYTES, rest.remaining()));
    rest.position(rest.position() + part.remaining());
    return part;
  }

  /** Some lines; none at the end. */
  private byte[] moreLines() throws IOException {
    lines.reset();
    if (!begun) {
      begin();
    }
    while (!ended && lines.size() < PART_BYTES) {
      if (records.hasNext()) {
        lines.writeBytes(UserRecordJson.line(user, records.next()));
      } else if (lines.size() > 0) {
        break; // the client takes these first
      } else {
        nextPage();
      }
    }
    return lines.toByteArray();
  }

  private void begin() {
    begun = true;
    stored.forEach(this::line);
    var unused =
        chat.export(user, this::offered)
            .whenComplete(
                (done, fault) -> pages.add(new Page(List.of(), new CompletableFuture<>(), fault)));
  }

  private CompletableFuture<Void> offered(List<UserRecord> records) {
    if (closed) {
      return CompletableFuture.failedFuture(new IOException("the client is gone"));
    }
    CompletableFuture<Void> written = new CompletableFuture<>();
    pages.add(new Page(records, written, null));
    return written;
  }

  private void nextPage() throws IOException {
    if (page != null) {
      page.written().complete(null);
    }
    try {
      Page next = pages.take();
      if (next.fault() != null) {
        throw new IOException("the export failed", next.fault()); // what was sent is no whole
      }
      page = next;
      records = next.records().iterator();
      ended = next.records().isEmpty();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
  }

  /** Lets the engine stop reading if the client is gone. */
  @Override
  public void close() {
    closed = true;
    if (page != null) {
      page.written().completeExceptionally(new IOException("the client is gone"));
    }
    for (Page waiting = pages.poll(); waiting != null; waiting = pages.poll()) {
      waiting.written().completeExceptionally(new IOException("the client is gone"));
    }
  }

  private void line(ObjectNode json) {
    lines.writeBytes(JsonObjects.bytes(json));
    lines.write('\n');
  }
}
