package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.files.FileLimits;
import chat.server.files.SentFiles;
import chat.server.files.UserFiles;
import chat.server.files.storage.FaultyNetwork.Fault;
import chat.server.files.storage.TestS3;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Files of users in S3, and a way there that breaks. */
@Tag("thorough")
@Timeout(180)
final class FilesInBucketTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final byte[] CONTENT = new byte[400_000];

  @TempDir static Path directory;

  private static TestS3 s3;
  private static String database;
  private static ChatServer server;
  private static Jdbi jdbi;
  private ChatClient ada;

  @BeforeAll
  static void start() throws Exception {
    new Random(1).nextBytes(CONTENT);
    s3 = new TestS3();
    database = TestServer.freshDatabase();
    jdbi = Jdbi.create(database, "postgres", "");
    server =
        TestServer.start(
            secret(),
            "--database-url=" + database,
            "--files-dir=" + directory,
            "--files-s3-bucket=" + TestS3.BUCKET,
            "--files-s3-endpoint=" + s3.endpoint(),
            "--files-s3-access-key=" + TestS3.ACCESS_KEY);
  }

  private static Map<String, String> secret() {
    return Map.of("CHAT_FILES_S3_SECRET_KEY", TestS3.SECRET);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    s3.close();
  }

  @BeforeEach
  void register() throws Exception {
    ada = ChatClient.registered(server, "ada" + UUID.randomUUID().toString().substring(0, 8));
  }

  @AfterEach
  void heal() {
    s3.network().heal();
  }

  private static HttpResponse<byte[]> call(
      ChatServer node, ChatClient who, String method, String path, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
            .header("Authorization", "Bearer " + who.accessToken);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
    return call(server, ada, "GET", path, new byte[0], headers);
  }

  private HttpResponse<byte[]> upload(byte[] content) throws Exception {
    return call(server, ada, "POST", "/v1/files?name=a", content);
  }

  private String uploaded(byte[] content) throws Exception {
    HttpResponse<byte[]> answer = upload(content);
    assertThat(answer.statusCode()).isEqualTo(201);
    return id(answer);
  }

  private static String id(HttpResponse<byte[]> answer) {
    return JsonObjects.parse(text(answer)).get("file_id").asString();
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static long filesHere() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).count();
    }
  }

  private static long rows() {
    return jdbi.withHandle(
        handle -> handle.createQuery("select count(*) from server_file").mapTo(long.class).one());
  }

  private static void sweep() {
    try (UserFiles files =
        UserFiles.inBucket(
            jdbi, s3.bucket(), directory, new SentFiles(jdbi, null, null), new FileLimits(1, 1))) {
      files.sweep(true);
    }
  }

  private static byte[] picture() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(900, 600, BufferedImage.TYPE_INT_RGB), "png", out);
    return out.toByteArray();
  }

  @Test
  void whatIsUploadedIsInTheBucketAndComesBackFromThere() throws Exception {
    String id = uploaded(CONTENT);
    assertThat(s3.keys()).contains(id);
    assertThat(filesHere()).isZero();
    assertThat(get("/v1/files/" + id).body()).isEqualTo(CONTENT);
    HttpResponse<byte[]> part = get("/v1/files/" + id, "Range", "bytes=1000-1999");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(CONTENT, 1000, 2000));
  }

  @Test
  void thumbnailsAreThereAndAllIsDeletedWhenItIsNotSent() throws Exception {
    String id = uploaded(picture());
    await()
        .untilAsserted(
            () -> assertThat(get("/v1/files/" + id + "/thumbnail").statusCode()).isEqualTo(200));
    assertThat(s3.keys()).contains(id, id + ".thumbnail");
    jdbi.useHandle(
        handle ->
            handle.execute(
                "update server_file set created_at = now() - interval '25 hours' where file_id = ?",
                id));
    s3.network().breakFor(Fault.SLOW_DOWN);
    sweep();
    assertThat(s3.keys()).as("the row stays until the bytes are gone").contains(id);
    s3.network().heal();
    sweep();
    assertThat(s3.keys()).doesNotContain(id, id + ".thumbnail");
    assertThat(get("/v1/files/" + id).statusCode()).isEqualTo(404);
    assertThat(
            jdbi.<Long, RuntimeException>withHandle(
                handle ->
                    handle
                        .createQuery("select count(*) from server_file where file_id = :id")
                        .bind("id", id)
                        .mapTo(long.class)
                        .one()))
        .isZero();
  }

  @Test
  void anUploadThatDoesNotReachTheBucketIsRefusedAndTakesNoRoom() throws Exception {
    for (Fault fault : new Fault[] {Fault.CUT_UPLOAD, Fault.SLOW_DOWN}) {
      s3.network().breakFor(fault);
      HttpResponse<byte[]> answer = upload(CONTENT);
      assertThat(answer.statusCode()).as(fault.name()).isEqualTo(503);
      assertThat(text(answer))
          .contains("\"unavailable\"", "cannot store files now")
          .doesNotContain("127.0.0.1", TestS3.BUCKET + " at", TestS3.SECRET);
      assertThat(filesHere()).isZero();
    }
    s3.network().heal();
    assertThat(rows()).as("rows of what may still arrive").isGreaterThanOrEqualTo(2);
    assertThat(get("/v1/files/" + uploaded(CONTENT)).body()).isEqualTo(CONTENT);
  }

  @Test
  void whatArrivesInTheBucketAfterItWasGivenUpIsDeletedAnHourLater() throws Exception {
    s3.network().breakFor(Fault.SILENT);
    assertThat(upload(CONTENT).statusCode()).isEqualTo(503); // and yet S3 has got it
    s3.network().heal();
    String late =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select file_id from server_file where stored_at is null"
                            + " order by created_at desc limit 1")
                    .mapTo(String.class)
                    .one());
    await().until(() -> s3.keys().contains(late));
    sweep();
    assertThat(s3.keys()).contains(late);
    jdbi.useHandle(
        handle ->
            handle.execute(
                "update server_file set removed_at = now() - interval '61 minutes' where file_id = ?",
                late));
    sweep();
    assertThat(s3.keys()).doesNotContain(late);
  }

  @Test
  void aDownloadThatFailsIsNeverTakenForTheWholeFile() throws Exception {
    String id = uploaded(CONTENT);
    s3.network().breakFor(Fault.SLOW_DOWN);
    HttpResponse<byte[]> refused = get("/v1/files/" + id);
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(text(refused)).contains("cannot read this file now");
    s3.network().breakFor(Fault.CUT_DOWNLOAD);
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> get("/v1/files/" + id))
        .as("the connection is cut")
        .isInstanceOf(IOException.class);
    s3.network().heal();
    assertThat(get("/v1/files/" + id).body()).isEqualTo(CONTENT);
  }

  @Test
  void nobodySeesTheSecret() throws Exception {
    assertThat(text(get("/metrics"))).doesNotContain(TestS3.SECRET, TestS3.ACCESS_KEY);
    AdminShell.Result asFlag =
        AdminShell.run("check", "--files-s3-secret-key=" + TestS3.SECRET, "--files-s3-bucket=x");
    assertThat(asFlag.code()).isEqualTo(2);
    assertThat(asFlag.err()).contains("CHAT_FILES_S3_SECRET_KEY").doesNotContain(TestS3.SECRET);
  }

  private static AdminShell.Result admin(String command, String secret, String... more) {
    Stream<String> flags =
        Stream.of(
            command,
            "--database-url=" + database,
            "--files-s3-endpoint=" + s3.endpoint(),
            "--files-s3-access-key=" + TestS3.ACCESS_KEY);
    return AdminShell.run(
        "",
        Map.of("CHAT_FILES_S3_SECRET_KEY", secret),
        Stream.concat(flags, Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void aCheckSaysWhetherTheBucketAnswers() {
    String bucket = "--files-s3-bucket=" + TestS3.BUCKET;
    assertThat(admin("check", TestS3.SECRET, bucket).out()).contains("ok       files");
    AdminShell.Result wrongKey = admin("check", "another", bucket);
    assertThat(wrongKey.code()).isEqualTo(1);
    assertThat(wrongKey.out()).contains("failed   files", "SignatureDoesNotMatch");
    assertThat(admin("check", TestS3.SECRET, "--files-s3-bucket=nowhere").out())
        .contains("failed   files", "there is no such bucket");
    s3.network().breakFor(Fault.SLOW_DOWN);
    assertThat(admin("check", TestS3.SECRET, bucket).out())
        .contains("failed   files", "503 SlowDown");
  }

  @Test
  void filesOfADirectoryAreCopiedIntoTheBucket() throws Exception {
    Path disk = Files.createTempDirectory("disk");
    String plain;
    String picture;
    try (ChatServer onDisk =
        TestServer.start("--database-url=" + database, "--files-dir=" + disk)) {
      plain = id(call(onDisk, ada, "POST", "/v1/files?name=a", CONTENT));
      picture = id(call(onDisk, ada, "POST", "/v1/files?name=b", picture()));
      await()
          .until(
              () ->
                  call(onDisk, ada, "GET", "/v1/files/" + picture + "/thumbnail", new byte[0])
                          .statusCode()
                      == 200);
    }
    assertThat(get("/v1/files/" + plain).statusCode()).isEqualTo(404);
    String[] flags = {"--files-s3-bucket=" + TestS3.BUCKET, "--files-dir=" + disk, "--json"};
    AdminShell.Result before = admin("check-files", TestS3.SECRET, flags);
    assertThat(before.code()).isEqualTo(1);
    assertThat(before.out()).contains(plain, picture);
    AdminShell.Result first = admin("copy-files", TestS3.SECRET, flags);
    assertThat(first.code()).as(first.err()).isZero();
    ObjectNode counted = JsonObjects.parse(first.out());
    assertThat(counted.get("copied").asInt()).isEqualTo(3);
    assertThat(counted.get("missing").asInt()).isZero();
    assertThat(get("/v1/files/" + plain).body()).isEqualTo(CONTENT);
    assertThat(get("/v1/files/" + picture + "/thumbnail").statusCode()).isEqualTo(200);
    assertThat(admin("check-files", TestS3.SECRET, flags).out()).doesNotContain(plain, picture);
    ObjectNode again = JsonObjects.parse(admin("copy-files", TestS3.SECRET, flags).out());
    assertThat(again.get("copied").asInt()).isZero();
    assertThat(again.get("already_there").asInt()).isGreaterThanOrEqualTo(3);
  }
}
