package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** A backup of database and files, in the order that the README says, while users upload. */
@Tag("thorough")
@Timeout(180)
final class FilesBackupTest {
  private static final int LENGTH = 20_000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path directory;

  private static HttpResponse<byte[]> call(
      ChatServer server, ChatClient who, String method, String path, byte[] body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
            .header("Authorization", "Bearer " + who.accessToken)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static byte[] content(long seed) {
    byte[] bytes = new byte[LENGTH];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static String upload(ChatServer server, ChatClient who, long seed) throws Exception {
    HttpResponse<byte[]> answer = call(server, who, "POST", "/v1/files?name=a", content(seed));
    assertThat(answer.statusCode()).isEqualTo(201);
    return JsonObjects.parse(new String(answer.body())).get("file_id").asString();
  }

  private static void send(ChatClient who, String fileId) throws Exception {
    ObjectNode send =
        JsonObjects.object()
            .put("type", "send")
            .put("id", fileId)
            .put("to", "bob")
            .put("client_message_id", fileId);
    send.putArray("attachments").add(fileId);
    assertThat(who.ask(send).get("type").asString()).isEqualTo("ok");
  }

  /** As {@code cp -r} does it: in no order that means anything, and what goes meanwhile is left. */
  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(to.resolve(from.relativize(folder).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            try {
              Files.copy(file, to.resolve(from.relativize(file).toString()));
            } catch (NoSuchFileException gone) {
              visitFileFailed(file, gone);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException gone) {
            assertThat(file).as("which is moved").hasParentRaw(from.resolve("arriving"));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static AdminShell.Result checkFiles(String database, Path files) {
    return AdminShell.run(
        "check-files", "--json", "--database-url=" + database, "--files-dir=" + files);
  }

  @Test
  void aDatabaseThatWasBackedUpBeforeItsFilesLacksNoneAfterwards() throws Exception {
    String database = TestServer.freshDatabase();
    Path files = directory.resolve("files");
    Path backup = directory.resolve("backup");
    Path copied = directory.resolve("copied");
    Path tooLate = directory.resolve("too-late");
    Map<String, Long> before = new TreeMap<>();
    Queue<String> after = new ConcurrentLinkedQueue<>();
    try (ChatServer server =
        TestServer.start("--database-url=" + database, "--files-dir=" + files)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ChatClient bob = ChatClient.registered(server, "bob");
      ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "bob"));
      ada.connect();
      for (long seed = 0; seed < 20; seed++) {
        String id = upload(server, ada, seed);
        send(ada, id);
        before.put(id, seed);
      }
      AtomicBoolean stop = new AtomicBoolean();
      Thread uploading =
          new Thread(
              () -> {
                try {
                  for (long seed = 1000; !stop.get(); seed++) {
                    after.add(upload(server, bob, seed));
                  }
                } catch (Exception fault) {
                  throw new IllegalStateException(fault);
                }
              });
      uploading.start();
      try {
        await().until(() -> after.size() > 5);
        AdminShell.Result written =
            AdminShell.run("backup", backup.toString(), "--database-url=" + database);
        assertThat(written.code()).as(written.err()).isZero();
        int sinceThen = after.size();
        await().until(() -> after.size() > sinceThen + 5);
        copy(files, copied);
        int copiedThen = after.size();
        await().until(() -> after.size() > copiedThen + 5);
        AdminShell.Result late =
            AdminShell.run("backup", tooLate.toString(), "--database-url=" + database);
        assertThat(late.code()).as(late.err()).isZero();
      } finally {
        stop.set(true);
        uploading.join();
      }
    }

    String restored = TestServer.freshDatabase();
    AdminShell.Result read =
        AdminShell.run("restore", backup.toString(), "--database-url=" + restored);
    assertThat(read.code()).as(read.err()).isZero();
    AdminShell.Result checked = checkFiles(restored, copied);
    assertThat(checked.code()).as(checked.out()).isZero();
    ObjectNode found = JsonObjects.parse(checked.out());
    assertThat(found.get("files").asLong()).isGreaterThanOrEqualTo(25);
    assertThat(found.get("missing").asLong()).isZero();
    assertThat(found.get("unknown").asLong()).as("came after the database").isGreaterThan(5);
    assertThat(found.get("unknown_bytes").asLong())
        .isEqualTo(LENGTH * found.get("unknown").asLong());
    try (ChatServer server =
        TestServer.start("--database-url=" + restored, "--files-dir=" + copied)) {
      ChatClient bob = new ChatClient(server);
      bob.logIn("bob@example.org", "correct horse");
      for (Map.Entry<String, Long> file : before.entrySet()) {
        HttpResponse<byte[]> got =
            call(server, bob, "GET", "/v1/files/" + file.getKey(), new byte[0]);
        assertThat(got.body()).isEqualTo(content(file.getValue()));
      }
      AdminShell.Result all =
          AdminShell.run("check", "--database-url=" + restored, "--files-dir=" + copied);
      assertThat(all.code()).as(all.out()).isZero();
    }

    String wrong = TestServer.freshDatabase();
    assertThat(AdminShell.run("restore", tooLate.toString(), "--database-url=" + wrong).code())
        .isZero();
    AdminShell.Result other = checkFiles(wrong, copied);
    assertThat(other.code()).as("in the other order").isEqualTo(1);
    assertThat(JsonObjects.parse(other.out()).get("missing").asLong()).isGreaterThan(5);

    String lost = before.keySet().iterator().next();
    Path cut = copied.resolve(lost.substring(0, 2)).resolve(lost);
    Files.write(cut, Arrays.copyOf(content(0), 7)); // half of it
    String gone = before.keySet().stream().skip(1).findFirst().orElseThrow();
    Files.delete(copied.resolve(gone.substring(0, 2)).resolve(gone));
    AdminShell.Result lacking = checkFiles(restored, copied);
    assertThat(lacking.code()).isEqualTo(1);
    ObjectNode lacks = JsonObjects.parse(lacking.out());
    assertThat(lacks.get("missing").asLong()).isEqualTo(2);
    assertThat(lacks.get("missing_ids").toString()).contains(lost, gone);
    Jdbi.create(restored, "postgres", "")
        .useHandle(
            handle ->
                handle.execute(
                    "update server_file set removed_at = now() where file_id = ?", gone));
    assertThat(JsonObjects.parse(checkFiles(restored, copied).out()).get("missing").asLong())
        .as("what is not in use is not missing")
        .isEqualTo(1);
    assertThat(checkFiles(restored, directory.resolve("nowhere")).code()).isEqualTo(1);
  }
}
