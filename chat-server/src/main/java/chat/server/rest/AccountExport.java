package chat.server.rest;

import chat.engine.ChatApplication;
import chat.engine.UserRecord;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.UserRecordJson;
import chat.server.accounts.Account;
import chat.server.http.Response;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that is stored of an account as JSON Lines: the account, its contacts, then what the chat
 * has. The engine reads the next page when the one before is written. Used by one thread, and
 * blocks it.
 *
 * @param contacts by username
 */
record AccountExport(ChatApplication chat, Account account, List<Account> contacts)
    implements Response.Stream {
  /**
   * @param records empty at the end
   * @param written completes when there is room for more
   * @param fault of the export, at its end
   */
  private record Page(
      List<UserRecord> records, CompletableFuture<Void> written, @Nullable Throwable fault) {}

  @Override
  public void writeTo(OutputStream out) throws IOException {
    line(out, account("account", account).put("email", account.email()));
    for (Account contact : contacts) {
      line(out, account("contact", contact));
    }
    BlockingQueue<Page> pages = new ArrayBlockingQueue<>(2); // a page, and the end
    var unused =
        chat.export(account.userId(), records -> offered(pages, records))
            .whenComplete(
                (done, fault) -> pages.add(new Page(List.of(), new CompletableFuture<>(), fault)));
    for (Page page = next(pages); !page.records().isEmpty(); page = next(pages)) {
      write(page, out);
    }
  }

  private static CompletableFuture<Void> offered(
      BlockingQueue<Page> pages, List<UserRecord> records) {
    CompletableFuture<Void> written = new CompletableFuture<>();
    pages.add(new Page(records, written, null));
    return written;
  }

  private static Page next(BlockingQueue<Page> pages) throws IOException {
    try {
      Page page = pages.take();
      if (page.fault() != null) {
        throw new IOException("the export failed", page.fault()); // what was sent is no whole
      }
      return page;
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server stops");
    }
  }

  private void write(Page page, OutputStream out) throws IOException {
    try {
      for (UserRecord record : page.records()) {
        out.write(UserRecordJson.line(account.userId(), record));
      }
      out.flush();
      page.written().complete(null);
    } catch (IOException gone) {
      page.written().completeExceptionally(gone);
      throw gone;
    }
  }

  private static ObjectNode account(String type, Account account) {
    return JsonObjects.object()
        .put("type", type)
        .put("id", Long.toString(account.id()))
        .put("username", account.username());
  }

  private static void line(OutputStream out, ObjectNode json) throws IOException {
    out.write(JsonObjects.bytes(json));
    out.write('\n');
  }
}
