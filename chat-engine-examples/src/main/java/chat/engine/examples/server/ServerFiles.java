package chat.engine.examples.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of messages on one chat-server, over REST. Thread-safe; blocks. */
public final class ServerFiles {
  private static final Pattern ENCODED_NAME =
      Pattern.compile("filename\\*=UTF-8''([^;]+)", Pattern.CASE_INSENSITIVE);

  /** Controls, marks of the direction of writing, and what no file system likes in a name. */
  private static final Pattern UNFIT =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\u2028\\u2029/\\\\:*?\"<>|]");

  private static final int LONGEST_NAME = 120;
  private static final int MOST_OF_A_NAME = 1_000;

  private final ServerApi api;

  public ServerFiles(ServerApi api) {
    this.api = api;
  }

  /**
   * What a file is, without its content.
   *
   * @param name as the sender called it, made fit for a name in a folder
   */
  public record Description(String name, long bytes) {}

  /**
   * Uploads a file.
   *
   * @return its id, for the {@code attachments} of messages
   */
  public String upload(Path file, String accessToken) throws IOException, InterruptedException {
    String name = URLEncoder.encode(file.getFileName().toString(), StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        api.request("/v1/files?name=" + name, accessToken)
            .header("Content-Type", "application/octet-stream")
            .POST(HttpRequest.BodyPublishers.ofFile(file));
    try (InputStream body = api.stream(request).body()) {
      return ServerApi.parse(new String(body.readAllBytes(), StandardCharsets.UTF_8))
          .get("file_id")
          .asString();
    }
  }

  public Description describe(String id, String accessToken)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        api.stream(request(id, accessToken).header("Range", "bytes=0-0"));
    response.body().close();
    String range = response.headers().firstValue("Content-Range").orElse("bytes 0-0/0");
    return new Description(
        name(response, id), Long.parseLong(range.substring(range.indexOf('/') + 1)));
  }

  /**
   * Writes a file into a folder, beside what is there already: a name that is taken gets a number.
   *
   * @return where it lies
   */
  public Path download(String id, Path folder, String accessToken)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response = api.stream(request(id, accessToken));
    try (InputStream body = response.body()) {
      return store(body, folder, name(response, id));
    }
  }

  private HttpRequest.Builder request(String id, String accessToken) {
    return api.request("/v1/files/" + URLEncoder.encode(id, StandardCharsets.UTF_8), accessToken);
  }

  private static Path store(InputStream content, Path folder, String name) throws IOException {
    for (int i = 1; i < MOST_OF_A_NAME; i++) {
      Path target = folder.resolve(i == 1 ? name : numbered(name, i));
      try {
        Files.createFile(target);
      } catch (FileAlreadyExistsException taken) {
        continue;
      }
      try {
        Files.copy(content, target, StandardCopyOption.REPLACE_EXISTING);
        return target;
      } catch (IOException broken) {
        Files.deleteIfExists(target);
        throw broken;
      }
    }
    throw new FileAlreadyExistsException(folder.resolve(name).toString());
  }

  private static String numbered(String name, int number) {
    int dot = name.lastIndexOf('.');
    return dot <= 0
        ? name + " (" + number + ")"
        : name.substring(0, dot) + " (" + number + ")" + name.substring(dot);
  }

  private static String name(HttpResponse<?> response, String id) {
    Matcher encoded =
        ENCODED_NAME.matcher(response.headers().firstValue("Content-Disposition").orElse(""));
    return encoded.find() ? fit(encoded.group(1), id) : id;
  }

  /** A stranger chose the name: it must not lead out of the folder, nor hide there. */
  static String fit(String encoded, String otherwise) {
    String name;
    try {
      name = URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      return otherwise;
    }
    name = UNFIT.matcher(name).replaceAll("_").replaceFirst("^[.\\s]+", "").strip();
    if (name.codePointCount(0, name.length()) > LONGEST_NAME) {
      name = name.substring(name.offsetByCodePoints(name.length(), -LONGEST_NAME)); // keep its end
    }
    return name.isEmpty() ? otherwise : name;
  }
}
