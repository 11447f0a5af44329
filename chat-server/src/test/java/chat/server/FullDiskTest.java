package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Uploads onto a real disk that fills: one in memory, of a megabyte, which only root may mount.
 * Others skip this.
 */
@Timeout(120)
final class FullDiskTest {
  private static final int HALF_AND_MORE = 600_000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path directory;

  private Path disk;
  private boolean mounted;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    mounted = run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=64", "tmpfs", disk.toString());
    assumeTrue(mounted, "no disk can be mounted");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(run("umount", disk.toString())).isTrue();
    }
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private List<Path> onDisk() throws IOException {
    try (Stream<Path> all = Files.walk(disk)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static HttpResponse<byte[]> call(
      ChatServer server, ChatClient who, String method, String path, byte[] body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
            .header("Authorization", "Bearer " + who.accessToken)
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> upload(ChatServer server, ChatClient who, int length)
      throws Exception {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return call(server, who, "POST", "/v1/files?name=a", content);
  }

  private static void assertUnavailable(HttpResponse<byte[]> answer) {
    String body = new String(answer.body());
    assertThat(answer.statusCode()).as(body).isEqualTo(503);
    ObjectNode error = JsonObjects.parse(body);
    assertThat(error.at("/error/code").asString()).isEqualTo("unavailable");
    assertThat(error.at("/error/message").asString())
        .isEqualTo("the server cannot store files now");
  }

  @Test
  void anUploadThatFindsNoRoomIsAClearErrorAndLeavesNothing() throws Exception {
    String url = TestServer.freshDatabase();
    try (ChatServer server = TestServer.start("--database-url=" + url, "--files-dir=" + disk)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      HttpResponse<byte[]> first = upload(server, ada, HALF_AND_MORE);
      assertThat(first.statusCode()).isEqualTo(201);
      String id = JsonObjects.parse(new String(first.body())).get("file_id").asString();
      for (int i = 0; i < 6; i++) { // more than may be under way at once
        assertUnavailable(upload(server, ada, HALF_AND_MORE));
      }
      assertThat(onDisk()).hasSize(1);
      assertThat(rows(url)).isEqualTo(1);

      assertThat(upload(server, ada, 10_000).statusCode()).as("what has room").isEqualTo(201);
      HttpResponse<byte[]> whole = call(server, ada, "GET", "/v1/files/" + id, new byte[0]);
      assertThat(whole.body()).hasSize(HALF_AND_MORE);

      Files.delete(disk.resolve(id.substring(0, 2)).resolve(id));
      assertThat(upload(server, ada, HALF_AND_MORE).statusCode()).as("room again").isEqualTo(201);
    }
  }

  @Test
  void aDiskThatTakesNoFurtherFileIsAClearErrorToo() throws Exception {
    try (ChatServer server = TestServer.start("--files-dir=" + disk)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      assertThat(upload(server, ada, 1).statusCode()).isEqualTo(201);
      int made = 0;
      try {
        for (; made < 100; made++) {
          Files.createFile(disk.resolve("other" + made));
        }
      } catch (IOException full) {
        assertThat(made).isPositive();
      }
      for (int i = 0; i < 6; i++) {
        assertUnavailable(upload(server, ada, 2));
      }
      // there is room for what arrives, and none for the folder where it will lie
      Files.delete(disk.resolve("other0"));
      for (int i = 0; i < 6; i++) {
        assertUnavailable(upload(server, ada, 3));
      }
      Files.delete(disk.resolve("other1"));
      Files.delete(disk.resolve("other2"));
      assertThat(upload(server, ada, 4).statusCode()).isEqualTo(201);
    }
  }

  private static long rows(String url) {
    return Jdbi.create(url, "postgres", "")
        .withHandle(
            handle ->
                handle.createQuery("select count(*) from server_file").mapTo(long.class).one());
  }
}
