package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.protocol.JsonObjects;
import chat.server.files.FileLimits;
import chat.server.files.PngHeader;
import chat.server.files.SentFiles;
import chat.server.files.UserFiles;
import chat.server.files.picture.HostilePictures;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
final class FilesTest {
  private static final int MOST = 200_000;
  private static final int QUOTA = 500_000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path directory;

  private static ChatServer server;
  private static Jdbi jdbi;
  private ChatClient ada;
  private ChatClient bob;

  @BeforeAll
  static void start() throws Exception {
    String url = TestServer.freshDatabase();
    jdbi = Jdbi.create(url, "postgres", "");
    server =
        TestServer.start(
            "--database-url=" + url,
            "--files-dir=" + directory,
            "--max-file-bytes=" + MOST,
            "--files-per-user-bytes=" + QUOTA);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void two() throws Exception {
    String run = UUID.randomUUID().toString().substring(0, 8);
    ada = ChatClient.registered(server, "ada" + run);
    bob = ChatClient.registered(server, "bob" + run);
  }

  private static HttpResponse<byte[]> call(
      ChatClient who, String method, String path, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    if (who != null) {
      request.header("Authorization", "Bearer " + who.accessToken);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static HttpResponse<byte[]> get(ChatClient who, String path, String... headers)
      throws Exception {
    return call(who, "GET", path, new byte[0], headers);
  }

  private static ObjectNode uploaded(ChatClient who, String name, byte[] content) throws Exception {
    HttpResponse<byte[]> answer = upload(who, name, content);
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(201);
    return JsonObjects.parse(text(answer));
  }

  private static HttpResponse<byte[]> upload(ChatClient who, String name, byte[] content)
      throws Exception {
    String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8);
    return call(who, "POST", "/v1/files?name=" + encoded, content);
  }

  @Test
  void filesOfOtherTypesThanTheOperatorTakesAreRefused() throws Exception {
    try (ChatServer picky = TestServer.start("--file-types=image/*,application/pdf")) {
      ChatClient carl = ChatClient.registered(picky, "carl");
      String port = "http://127.0.0.1:" + picky.httpPort() + "/v1/files?name=";
      byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
      for (Object[] one :
          new Object[][] {
            {"a.png", picture("png", 2, 2), 201},
            {"a.txt", picture("png", 2, 2), 201}, // the content decides
            {"a.pdf", "%PDF-1.7 x".getBytes(StandardCharsets.UTF_8), 201},
            {"a.txt", text, 415},
            {"a.exe", new byte[] {'M', 'Z', 0, 1}, 415}
          }) {
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(port + one[0]))
                .header("Authorization", "Bearer " + carl.accessToken)
                .POST(HttpRequest.BodyPublishers.ofByteArray((byte[]) one[1]))
                .build();
        HttpResponse<byte[]> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).as("%s: %s", one[0], text(answer)).isEqualTo(one[2]);
      }
    }
  }

  /** Strangers may know its id, and ask as often as they like. */
  @Test
  void filesThatAreNotForOneHoldUpNobodyElse() throws Exception {
    ObjectNode file = uploaded(ada, "a.txt", "hello".getBytes(StandardCharsets.UTF_8));
    List<CompletableFuture<HttpResponse<Void>>> strangers = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path(file)))
              .header("Authorization", "Bearer " + bob.accessToken)
              .build();
      strangers.add(HTTP.sendAsync(request, HttpResponse.BodyHandlers.discarding()));
    }
    assertThat(get(ada, path(file)).statusCode()).isEqualTo(200);
    for (CompletableFuture<HttpResponse<Void>> stranger : strangers) {
      assertThat(stranger.join().statusCode()).isEqualTo(404);
    }
  }

  private static String path(ObjectNode file) {
    return "/v1/files/" + file.get("file_id").asString();
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  private static String error(HttpResponse<byte[]> answer) {
    return JsonObjects.parse(text(answer)).at("/error/code").asString();
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static byte[] picture(String format, int width, int height) throws IOException {
    int type = format.equals("png") ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, type), format, out);
    return out.toByteArray();
  }

  private static List<Path> onDisk() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static long onDisk(ObjectNode file) throws IOException {
    String id = file.get("file_id").asString();
    return onDisk().stream().filter(path -> path.getFileName().toString().startsWith(id)).count();
  }

  private static void sweep() {
    sweep(true);
  }

  private static void sweep(boolean knowsWhatIsSent) {
    UserFiles files =
        UserFiles.onDisk(jdbi, directory, new SentFiles(jdbi, null, null), new FileLimits(1, 1));
    files.sweep(knowsWhatIsSent);
    files.close();
  }

  private static void age(ObjectNode file) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "update server_file set created_at = now() - interval '25 hours' where file_id = ?",
                file.get("file_id").asString()));
  }

  /** Ada sends a message to Bob, and the file with it. */
  private ObjectNode send(ObjectNode file) throws Exception {
    ada.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", bob.username));
    ada.connect();
    ObjectNode ack = ada.send(bob.username, "1", "look");
    jdbi.useHandle(
        handle ->
            SentFiles.sent(
                handle,
                ConversationId.of(Long.parseLong(ack.get("conversation_id").asString())),
                ack.get("seq").asLong(),
                List.of(file.get("file_id").asString(), "no such file")));
    return ack;
  }

  @Test
  void whatIsUploadedIsDownloaded() throws Exception {
    byte[] content = random(150_000);
    ObjectNode file = uploaded(ada, "übersicht.bin", content);
    assertThat(file.get("size").asLong()).isEqualTo(content.length);
    assertThat(file.get("type").asString()).isEqualTo("application/octet-stream");
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    assertThat(file.get("sha256").asString()).isEqualTo(hash);

    HttpResponse<byte[]> answer = get(ada, path(file));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(content);
    assertThat(header(answer, "Content-Length")).isEqualTo("150000");
    assertThat(header(answer, "Content-Disposition"))
        .isEqualTo("attachment; filename=\"_bersicht.bin\"; filename*=UTF-8''%C3%BCbersicht.bin");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(answer, "Content-Security-Policy")).contains("sandbox", "'none'");
    assertThat(header(answer, "Cache-Control")).isEqualTo("private, no-cache");
    String tag = header(answer, "ETag");
    HttpResponse<byte[]> again = get(ada, path(file), "If-None-Match", tag, "Range", "bytes=0-1");
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @Test
  void anExportTellsOfFilesAndOthersOnThisMachineCannotLookIntoTheDirectory() throws Exception {
    ObjectNode file = uploaded(ada, "a", random(10));
    List<String> lines = text(get(ada, "/v1/account/export")).lines().toList();
    assertThat(lines)
        .filteredOn(line -> line.contains("\"type\":\"file\""))
        .singleElement()
        .satisfies(line -> assertThat(JsonObjects.parse(line).get("file")).isEqualTo(file));
    assertThat(Files.getPosixFilePermissions(directory.resolve("arriving")).toString())
        .doesNotContain("GROUP", "OTHERS");
  }

  @Test
  void aPartIsDownloaded() throws Exception {
    byte[] content = random(100_000);
    ObjectNode file = uploaded(ada, "a", content);
    HttpResponse<byte[]> part = get(ada, path(file), "Range", "bytes=10-49999");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 10, 50_000));
    assertThat(header(part, "Content-Range")).isEqualTo("bytes 10-49999/100000");
    HttpResponse<byte[]> end = get(ada, path(file), "Range", "bytes=-7");
    assertThat(end.body()).isEqualTo(Arrays.copyOfRange(content, 99_993, 100_000));
    HttpResponse<byte[]> beyond = get(ada, path(file), "Range", "bytes=100000-");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(header(beyond, "Content-Range")).isEqualTo("bytes */100000");
    assertThat(get(ada, path(file), "Range", "bytes=0-1,4-5").statusCode()).isEqualTo(200);
    String tag = header(part, "ETag");
    assertThat(get(ada, path(file), "Range", "bytes=0-1", "If-Range", tag).statusCode())
        .isEqualTo(206);
    HttpResponse<byte[]> changed =
        get(ada, path(file), "Range", "bytes=0-1", "If-Range", "\"other\"");
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(changed.body()).isEqualTo(content);
  }

  @Test
  void onlyWhoMayReadAMessageMayReadItsFile() throws Exception {
    ObjectNode file = uploaded(ada, "a.png", picture("png", 2, 2));
    assertThat(get(null, path(file)).statusCode()).isEqualTo(401);
    HttpResponse<byte[]> stranger = get(bob, path(file));
    HttpResponse<byte[]> nowhere = get(bob, "/v1/files/AAAAAAAAAAAAAAAAAAAAAA");
    assertThat(stranger.statusCode()).isEqualTo(404);
    assertThat(text(stranger)).isEqualTo(text(nowhere));
    ObjectNode ack = send(file);
    assertThat(get(bob, path(file)).statusCode()).isEqualTo(200);
    ChatClient eve = ChatClient.registered(server, "eve" + ada.username);
    assertThat(get(eve, path(file)).statusCode()).isEqualTo(404);
    assertThat(get(eve, path(file) + "/thumbnail").statusCode()).isEqualTo(404);
    ada.ask(
        JsonObjects.object()
            .put("type", "delete")
            .put("conversation_id", ack.get("conversation_id").asString())
            .put("seq", ack.get("seq").asLong()));
    assertThat(get(bob, path(file)).statusCode()).isEqualTo(404);
    assertThat(get(ada, path(file)).statusCode()).isEqualTo(200);
  }

  @Test
  void onlyTheContentSaysWhatBrowsersMayShow() throws Exception {
    byte[] png = picture("png", 2, 2);
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(png);
    both.write("<html><script>alert(1)</script></html>".getBytes(StandardCharsets.US_ASCII));
    String page = "<!DOCTYPE html><html><script>alert(1)</script></html>";
    String drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    shown("a.txt", png, "image/png", "inline");
    shown("both.html", both.toByteArray(), "image/png", "inline"); // in a sandbox, and not sniffed
    shown("a.jpg", picture("jpeg", 2, 2), "image/jpeg", "inline");
    shown(
        "a.png",
        page.getBytes(StandardCharsets.US_ASCII),
        "application/octet-stream",
        "attachment");
    shown(
        "a.png",
        drawing.getBytes(StandardCharsets.US_ASCII),
        "application/octet-stream",
        "attachment");
    shown(
        "a.svg",
        drawing.getBytes(StandardCharsets.US_ASCII),
        "application/octet-stream",
        "attachment");
    shown(
        "a.html",
        "plain".getBytes(StandardCharsets.US_ASCII),
        "application/octet-stream",
        "attachment");
    shown("a.png", "plain".getBytes(StandardCharsets.US_ASCII), "text/plain", "attachment");
    shown(
        "a.pdf", "%PDF-1.7\n".getBytes(StandardCharsets.US_ASCII), "application/pdf", "attachment");
    shown(
        "a.js",
        "alert(1)".getBytes(StandardCharsets.US_ASCII),
        "application/octet-stream",
        "attachment");
    shown(
        "a.webp",
        "RIFF\4\0\0\0WEBPVP8 ".getBytes(StandardCharsets.US_ASCII),
        "image/webp",
        "inline");
    shown(
        "a.ogg",
        "OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\36\1vorbis"
            .getBytes(StandardCharsets.ISO_8859_1),
        "audio/ogg",
        "inline");
    shown("a.mp3", "ID3\3\0\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII), "audio/mpeg", "inline");
    shown(
        "a.webm",
        HexFormat.of().parseHex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d"),
        "video/webm",
        "inline");
    shown(
        "a.mov",
        "\0\0\0\24ftypqt  \0\0\0\0qt  ".getBytes(StandardCharsets.US_ASCII),
        "video/quicktime",
        "attachment");
    shown("a.png", random(1000), "application/octet-stream", "attachment");
    shown(
        "a.mp4",
        "\0\0\0\30ftypisom\0\0\0\0isommp42".getBytes(StandardCharsets.US_ASCII),
        "video/mp4",
        "inline");
  }

  private void shown(String name, byte[] content, String type, String disposition)
      throws Exception {
    HttpResponse<byte[]> answer = get(ada, path(uploaded(ada, name, content)));
    assertThat(header(answer, "Content-Type")).as(name).isEqualTo(type);
    assertThat(header(answer, "Content-Disposition")).as(name).startsWith(disposition + ";");
    assertThat(header(answer, "Content-Security-Policy")).contains("sandbox");
    assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
  }

  @Test
  void namesLeadNowhere() throws Exception {
    byte[] content = random(10);
    for (String name : List.of("../../../etc/cron.d/x", "..\\x", "/etc/x", "a\r\nSet-Cookie: x")) {
      ObjectNode file = uploaded(ada, name, content);
      assertThat(file.get("name").asString()).doesNotContain("/", "\\", "..", "\r", "\n");
      assertThat(header(get(ada, path(file)), "Set-Cookie")).isEmpty();
      assertThat(onDisk(file)).isEqualTo(1);
    }
    for (String id : List.of("..%2F..%2Fetc%2Fpasswd", "%2e%2e", "..%5c..%5cx", "%00", "a")) {
      assertThat(get(ada, "/v1/files/" + id).statusCode()).isIn(400, 404);
    }
    assertThat(call(ada, "POST", "/v1/files?name=%00", content).statusCode()).isEqualTo(400);
  }

  @Test
  void tooMuchIsRefusedWhetherItIsAnnouncedOrNot() throws Exception {
    HttpResponse<byte[]> announced = upload(ada, "a", random(MOST + 1));
    assertThat(announced.statusCode()).isEqualTo(413);
    assertThat(error(announced)).isEqualTo("too_large");
    HttpResponse<byte[]> chunked =
        HTTP.send(
            HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + server.httpPort() + "/v1/files"))
                .header("Authorization", "Bearer " + ada.accessToken)
                .POST(
                    HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(random(MOST + 1))))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(error(chunked)).isEqualTo("too_large");
    uploaded(ada, "a", random(MOST));
    uploaded(ada, "b", random(MOST));
    HttpResponse<byte[]> full = upload(ada, "c", random(QUOTA - 2 * MOST + 1));
    assertThat(error(full)).isEqualTo("too_large");
    uploaded(ada, "c", random(QUOTA - 2 * MOST));
    assertThat(error(upload(ada, "d", random(1)))).isEqualTo("too_large");
    uploaded(bob, "d", random(1));
    assertThat(onDisk()).noneMatch(path -> path.getParent().endsWith("arriving"));
  }

  @Test
  void uploadsAtTheSameTimeAreCountedOneAfterTheOther() throws Exception {
    uploaded(ada, "first", random(MOST));
    int before = onDisk().size();
    try (Socket one = begun(MOST);
        Socket other = begun(MOST)) { // for each alone there is room
      await().until(() -> onDisk().size() == before + 2);
      one.getOutputStream().write(random(MOST));
      other.getOutputStream().write(random(MOST));
      assertThat(List.of(status(one), status(other)))
          .containsExactlyInAnyOrder("HTTP/1.1 201", "HTTP/1.1 413");
    }
    await().until(() -> onDisk().size() == before + 1);
  }

  private Socket begun(int length) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.httpPort());
    String head =
        "POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(length, ada.accessToken);
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  @Test
  void whatIsNoFileIsRefused() throws Exception {
    assertThat(error(upload(ada, "a", new byte[0]))).isEqualTo("bad_request");
    assertThat(call(null, "POST", "/v1/files?name=a", random(10)).statusCode()).isEqualTo(401);
    for (String type :
        List.of(
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            " Multipart/Mixed",
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-Urlencoded; charset=utf-8")) {
      HttpResponse<byte[]> form = call(ada, "POST", "/v1/files", random(10), "Content-Type", type);
      assertThat(form.statusCode()).as(type).isEqualTo(415);
      assertThat(error(form)).isEqualTo("unsupported_media_type");
      assertThat(new String(form.body(), StandardCharsets.UTF_8))
          .contains("not a form: send them with 'Content-Type: application/octet-stream'");
    }
    for (String type : List.of("application/octet-stream", "image/png", "text/plain", "made/up")) {
      assertThat(call(ada, "POST", "/v1/files", random(10), "Content-Type", type).statusCode())
          .as(type)
          .isEqualTo(201);
    }
  }

  @Test
  void halfAnUploadLeavesNothing() throws Exception {
    long rows = rows();
    int before = onDisk().size();
    try (Socket socket = begun(100_000)) {
      socket.getOutputStream().write(random(5000));
      await().until(() -> onDisk().size() == before + 1);
    }
    await().until(() -> onDisk().size() == before);
    assertThat(rows()).isEqualTo(rows);
    uploaded(ada, "whole", random(5000)); // and does not count
  }

  private static long rows() {
    return jdbi.withHandle(
        handle -> handle.createQuery("select count(*) from server_file").mapTo(long.class).one());
  }

  @Test
  void aUserUploadsAFewFilesAtOnce() throws Exception {
    List<Socket> slow = new java.util.ArrayList<>();
    try {
      int before = onDisk().size();
      for (int i = 0; i < 4; i++) {
        slow.add(begun(1000));
      }
      await().until(() -> onDisk().size() == before + 4);
      assertThat(error(upload(ada, "a", random(1)))).isEqualTo("rate_limited");
      uploaded(bob, "a", random(1));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    await()
        .untilAsserted(() -> assertThat(upload(ada, "a", random(1)).statusCode()).isEqualTo(201));
  }

  @Test
  void picturesHaveThumbnails() throws Exception {
    for (String format : List.of("png", "jpeg", "gif")) {
      ObjectNode file = uploaded(ada, "a", picture(format, 1000, 500));
      HttpResponse<byte[]> thumbnail =
          await()
              .until(
                  () -> get(ada, path(file) + "/thumbnail"), answer -> answer.statusCode() == 200);
      BufferedImage small = ImageIO.read(new ByteArrayInputStream(thumbnail.body()));
      assertThat(small.getWidth()).isEqualTo(320);
      assertThat(small.getHeight()).isEqualTo(160);
      assertThat(header(thumbnail, "Content-Type"))
          .isEqualTo(format.equals("png") ? "image/png" : "image/jpeg");
      assertThat(header(thumbnail, "Content-Security-Policy")).contains("sandbox");
      String tag = header(thumbnail, "ETag");
      assertThat(get(ada, path(file) + "/thumbnail", "If-None-Match", tag).statusCode())
          .isEqualTo(304);
      assertThat(get(bob, path(file) + "/thumbnail").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aPictureThatCannotBeDecodedIsAFileWithoutAThumbnail() throws Exception {
    byte[] half = Arrays.copyOf(picture("png", 1000, 1000), 500);
    List<ObjectNode> broken =
        List.of(
            uploaded(ada, "bomb.png", PngHeader.of(50_000, 50_000)),
            uploaded(ada, "wide.png", PngHeader.of(Integer.MAX_VALUE, 1)),
            uploaded(ada, "bomb.jpg", HostilePictures.jpeg(60_000, 60_000)),
            uploaded(ada, "bomb.gif", HostilePictures.gif(60_000, 60_000, 5_000)),
            uploaded(ada, "half.png", half));
    ObjectNode whole = uploaded(ada, "a.png", picture("png", 10, 10));
    await().until(() -> get(ada, path(whole) + "/thumbnail").statusCode() == 200); // the last one
    for (ObjectNode file : broken) {
      assertThat(file.get("type").asString()).startsWith("image/");
      assertThat(get(ada, path(file)).statusCode()).isEqualTo(200);
      assertThat(get(ada, path(file) + "/thumbnail").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void whatIsInNoMessageAfterADayIsRemoved() throws Exception {
    ObjectNode sent = uploaded(ada, "a", random(10));
    ObjectNode young = uploaded(ada, "b", random(10));
    ObjectNode old = uploaded(ada, "c.png", picture("png", 500, 500));
    await().until(() -> get(ada, path(old) + "/thumbnail").statusCode() == 200);
    send(sent);
    age(sent);
    age(old);
    Path abandoned = Files.write(directory.resolve("arriving/crashed"), random(10));
    Files.setLastModifiedTime(
        abandoned,
        java.nio.file.attribute.FileTime.from(java.time.Instant.now().minus(Duration.ofHours(25))));
    sweep(false);
    assertThat(get(ada, path(old)).statusCode()).as("it may have been sent").isEqualTo(200);
    sweep();
    assertThat(get(ada, path(sent)).statusCode()).isEqualTo(200);
    assertThat(get(ada, path(young)).statusCode()).isEqualTo(200);
    assertThat(get(ada, path(old)).statusCode()).isEqualTo(404);
    assertThat(onDisk(old)).isZero();
    assertThat(abandoned).doesNotExist();
    long rows = rows();
    sweep();
    assertThat(rows()).isEqualTo(rows);
  }

  @Test
  void theFilesOfAnErasedUserAreRemoved() throws Exception {
    ObjectNode file = uploaded(ada, "a", random(10));
    send(file);
    ChatClient.Reply erased =
        ada.call("DELETE", "/v1/account", JsonObjects.object().put("password", "correct horse"));
    assertThat(erased.status()).isEqualTo(202);
    assertThat(get(bob, path(file)).statusCode()).isEqualTo(404);
    sweep();
    assertThat(onDisk(file)).isZero();
    await().until(() -> accounts(ada.username) == 0);
  }

  private static long accounts(String username) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select count(*) from server_account where username = :name")
                .bind("name", username)
                .mapTo(long.class)
                .one());
  }
}
