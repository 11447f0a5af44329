package chat.server.files;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Uploads, downloads and thumbnails. Thread-safe. */
final class FileRoutes implements HttpEndpoint.Routes {
  private static final Logger log = LoggerFactory.getLogger(FileRoutes.class);
  private static final int PART_BYTES = 32 * 1024;

  /** Nothing in a file may load or run anything, wherever it is shown. */
  private static final String CONTENT_POLICY =
      "default-src 'none'; frame-ancestors 'none'; sandbox";

  private final UserFiles files;
  private final Function<Request, Account> callers;

  FileRoutes(UserFiles files, Function<Request, Account> callers) {
    this.files = files;
    this.callers = callers;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.upload("POST", "/v1/files", this::upload);
    http.route("GET", "/v1/files/{file_id}", this::download);
    http.route("GET", "/v1/files/{file_id}/thumbnail", this::thumbnail);
  }

  private HttpEndpoint.Upload upload(Request request) {
    Account caller = callers.apply(request);
    requireNoForm(request.header("Content-Type").orElse(""));
    return files.upload(
        caller, FileNames.safe(request.parameter("name").orElse("")), request.announcedLength());
  }

  /** With curl, a text that should have been a file comes as a form. */
  private static void requireNoForm(String announced) {
    String type = announced.strip().toLowerCase(Locale.ROOT);
    if (type.startsWith("multipart/") || type.startsWith("application/x-www-form-urlencoded")) {
      throw ApiException.of(
          ApiError.UNSUPPORTED_MEDIA_TYPE,
          "the body must be the bytes of the file, not a form: send them with"
              + " 'Content-Type: application/octet-stream'");
    }
  }

  private StoredFile readable(Request request) {
    return files.readable(callers.apply(request), request.inPath("file_id"));
  }

  private Response download(Request request) throws IOException {
    StoredFile file = readable(request);
    boolean inline = FileTypes.isInline(file.type());
    String tag = "\"" + file.sha256() + "\"";
    Response answer = answer(request, file, tag);
    return protectedBy(answer, tag)
        .with("Accept-Ranges", "bytes")
        .with("Content-Disposition", FileNames.disposition(inline, file.name()));
  }

  private Response answer(Request request, StoredFile file, String tag) throws IOException {
    String type = FileTypes.shown(file.type());
    long size = file.size();
    if (request.knows(tag)) {
      return Response.stream(200, type, size, new Part(null)); // which becomes a 304
    }
    // a part of what the file was before is of no use to a client
    boolean current = request.header("If-Range").map(tag::equals).orElse(true);
    Optional<ByteRange> range =
        request.header("Range").filter(any -> current).flatMap(asked -> ByteRange.of(asked, size));
    if (range.isEmpty()) {
      return Response.stream(200, type, size, open(file.fileId(), 0, size));
    }
    ByteRange part = range.get();
    if (part.length() == 0) {
      var error = JsonObjects.object();
      error
          .putObject("error")
          .put("code", ApiError.BAD_REQUEST.wireName())
          .put("message", "the range lies beyond the end of the file");
      return Response.json(416, error).with("Content-Range", "bytes */" + size);
    }
    return Response.stream(
            206, type, part.length(), open(file.fileId(), part.from(), part.length()))
        .with("Content-Range", part.contentRange(size));
  }

  private Response thumbnail(Request request) throws IOException {
    StoredFile file = readable(request);
    String type = file.thumbnailType();
    if (type == null) {
      throw ApiException.of(ApiError.NOT_FOUND, "this file has no thumbnail");
    }
    String tag = "\"" + file.sha256() + "-thumbnail\"";
    String key = Thumbnails.key(file.fileId());
    Response answer =
        request.knows(tag)
            ? Response.stream(200, type, -1, new Part(null))
            : Response.stream(200, type, -1, open(key, 0, -1));
    return protectedBy(answer, tag).with("Content-Disposition", "inline");
  }

  private static Response protectedBy(Response answer, String tag) {
    return answer
        .with("Content-Security-Policy", CONTENT_POLICY)
        .with("ETag", tag)
        .with("Cache-Control", "private, no-cache");
  }

  private Part open(String key, long from, long length) {
    try {
      return new Part(files.open(key, from, length));
    } catch (NoSuchFileException gone) {
      log.warn("the storage has no file {}, which there should be", key);
      throw ApiException.of(ApiError.NOT_FOUND, "there is no such file");
    } catch (IOException fault) {
      log.warn("the file {} cannot be read: {}", key, fault.toString());
      throw ApiException.of(ApiError.UNAVAILABLE, "the server cannot read this file now");
    }
  }

  /** The bytes of a stream, part by part. */
  private record Part(@Nullable InputStream in) implements Response.Source {
    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (in == null) {
        return null;
      }
      byte[] part = in.readNBytes(PART_BYTES);
      return part.length == 0 ? null : ByteBuffer.wrap(part);
    }

    @Override
    public void close() throws IOException {
      if (in != null) {
        in.close();
      }
    }
  }
}
