package chat.server.files.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.files.storage.FaultyNetwork.Fault;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("thorough")
@Timeout(60)
final class S3StorageTest {
  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final byte[] CONTENT = new byte[3_000_000];

  @TempDir Path directory;

  private static TestS3 s3;
  private S3Storage storage;
  private Path content;

  @BeforeAll
  static void start() throws Exception {
    new Random(1).nextBytes(CONTENT);
    s3 = new TestS3();
  }

  @AfterAll
  static void stop() throws IOException {
    s3.close();
  }

  @BeforeEach
  void open() throws IOException {
    storage = new S3Storage(s3.bucket(), SHORT);
    content = Files.write(directory.resolve("content"), CONTENT);
  }

  @AfterEach
  void close() throws IOException {
    s3.network().heal();
    for (String key : s3.keys()) {
      storage.delete(key);
    }
    assertThat(s3.unfinished()).isEmpty();
    storage.close();
  }

  private byte[] read(String key, long from, long length) throws IOException {
    try (InputStream in = storage.open(key, from, length)) {
      return in.readAllBytes();
    }
  }

  @Test
  void whatIsStoredIsReadWholeAndInParts() throws Exception {
    storage.put("Ab_-1.thumbnail", content);
    assertThat(read("Ab_-1.thumbnail", 0, CONTENT.length)).isEqualTo(CONTENT);
    assertThat(read("Ab_-1.thumbnail", 0, -1)).isEqualTo(CONTENT);
    assertThat(read("Ab_-1.thumbnail", 1000, 500))
        .isEqualTo(Arrays.copyOfRange(CONTENT, 1000, 1500));
    assertThat(read("Ab_-1.thumbnail", CONTENT.length - 10, -1))
        .isEqualTo(Arrays.copyOfRange(CONTENT, CONTENT.length - 10, CONTENT.length));
    assertThat(read("Ab_-1.thumbnail", 7, 0)).isEmpty();
    assertThat(content).exists();
  }

  @Test
  void connectionsAreUsedAgain() throws Exception {
    storage.put("key", content);
    int before = s3.network().connections();
    for (int i = 0; i < 5; i++) {
      read("key", 100, 1000);
    }
    assertThat(s3.network().connections() - before).isLessThanOrEqualTo(1);
  }

  @Test
  void whatIsDeletedIsGone() throws Exception {
    storage.put("key", content);
    assertThat(storage.has("key")).isTrue();
    storage.delete("key");
    storage.delete("key");
    assertThat(storage.has("key")).isFalse();
    assertThatThrownBy(() -> storage.open("key", 0, -1)).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> storage.open("key", 5, 5)).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void keysLeadNowhereElse() {
    for (String key : new String[] {"../x", "a/b", "..", "a?acl", "%2e%2e", ""}) {
      assertThatThrownBy(() -> storage.put(key, content))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aFileThatIsShorterThanItWasIsAFault() throws Exception {
    storage.put("key", content);
    assertThatThrownBy(() -> read("key", 0, CONTENT.length + 1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("key", CONTENT.length, 1)).isInstanceOf(IOException.class);
  }

  @Test
  void whatFailsInPassingIsRepeated() throws Exception {
    s3.network().breakFor(Fault.SLOW_DOWN, 2);
    storage.put("one", content);
    s3.network().breakFor(Fault.CUT_UPLOAD, 1);
    storage.put("two", content);
    s3.network().breakFor(Fault.SLOW_DOWN, 1);
    assertThat(read("one", 0, -1)).isEqualTo(CONTENT);
    assertThat(read("two", 0, -1)).isEqualTo(CONTENT);
  }

  @Test
  void anUploadThatIsCutAgainAndAgainFailsAndLeavesNothing() throws Exception {
    s3.network().breakFor(Fault.CUT_UPLOAD);
    assertThatThrownBy(() -> storage.put("key", content))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be reached");
    s3.network().heal();
    assertThat(s3.keys()).isEmpty();
  }

  @Test
  void aStoreThatHasTooMuchToDoIsNamedSo() {
    s3.network().breakFor(Fault.SLOW_DOWN);
    int before = s3.network().connections();
    assertThatThrownBy(() -> storage.put("key", content)).hasMessageContaining("503 SlowDown");
    assertThat(s3.network().connections() - before).isEqualTo(3);
  }

  @Test
  void aDownloadThatIsCutIsNeverTakenForTheWholeFile() throws Exception {
    storage.put("key", content);
    s3.network().breakFor(Fault.CUT_DOWNLOAD);
    assertThatThrownBy(() -> read("key", 0, -1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("key", 0, CONTENT.length)).isInstanceOf(IOException.class);
  }

  @Test
  void nobodyWaitsForASilentStore() throws Exception {
    storage.put("key", content);
    s3.network().breakFor(Fault.SILENT);
    assertThatThrownBy(() -> storage.put("other", content))
        .hasMessageContaining("no answer within");
    assertThatThrownBy(() -> storage.open("key", 0, -1)).hasMessageContaining("no answer within");
    assertThatThrownBy(() -> storage.delete("other")).hasMessageContaining("no answer within");
    s3.network().breakFor(Fault.STALLS);
    assertThatThrownBy(() -> read("key", 0, -1)).hasMessageContaining("nothing arrived for 1 s");
  }

  @Test
  void whatIsWrongIsSaidWithoutTheSecret() {
    refused(s3.bucket("files", TestS3.ACCESS_KEY, "another-secret"), "SignatureDoesNotMatch");
    refused(s3.bucket("files", "nobody", TestS3.SECRET), "InvalidAccessKeyId");
    refused(s3.bucket("no-such-bucket", TestS3.ACCESS_KEY, TestS3.SECRET), "--files-s3-bucket");
    S3Bucket nowhere =
        new S3Bucket(URI.create("http://127.0.0.1:1"), "eu", "files", true, "key", TestS3.SECRET);
    refused(nowhere, "cannot be reached");
  }

  private void refused(S3Bucket bucket, String words) {
    try (S3Storage other = new S3Storage(bucket, SHORT)) {
      assertThatThrownBy(() -> other.put("key", content))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(words);
      assertThatThrownBy(other::check)
          .hasMessageContaining(words)
          .hasMessageNotContainingAny(TestS3.SECRET, "another-secret", "Signature=");
      assertThatThrownBy(() -> other.open("key", 0, -1)).isNotInstanceOf(NoSuchFileException.class);
    }
    assertThat(bucket.toString()).doesNotContain("secret");
  }

  @Test
  void aCheckLeavesNothing() throws Exception {
    storage.check();
    assertThat(s3.keys()).isEmpty();
  }

  @Test
  void theBucketIsInThePathOrInTheHost() {
    S3Bucket inHost =
        new S3Bucket(URI.create("https://s3.example.org/"), "eu", "files", false, "a", "b");
    assertThat(inHost.object("key")).isEqualTo(URI.create("https://files.s3.example.org/key"));
    S3Bucket inPath =
        new S3Bucket(URI.create("https://s3.example.org:9000"), "eu", "files", true, "a", "b");
    assertThat(inPath.object("key")).isEqualTo(URI.create("https://s3.example.org:9000/files/key"));
  }

  /** By how much of a body a server can send that nobody reads. */
  @Test
  void aDownloadIsHeldInPartsHoweverSlowItsReaderIs() throws Exception {
    AtomicLong sent = new AtomicLong();
    long size = 256L << 20;
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, size);
          byte[] part = new byte[1 << 16];
          try (OutputStream out = exchange.getResponseBody()) {
            while (sent.get() < size) {
              out.write(part);
              sent.addAndGet(part.length);
            }
          }
        });
    server.start();
    S3Bucket bucket =
        new S3Bucket(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            "eu",
            "files",
            true,
            "a",
            "b");
    try (S3Storage slow = new S3Storage(bucket);
        InputStream in = slow.open("key", 0, -1)) {
      in.readNBytes(1000);
      Awaitility.await()
          .during(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(10))
          .until(sent::get, bytes -> bytes < 32 << 20);
    } finally {
      server.stop(0);
    }
  }
}
