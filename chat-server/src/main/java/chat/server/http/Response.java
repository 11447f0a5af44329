package chat.server.http;

import chat.engine.protocol.JsonObjects;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What goes back. Answers must not be stored by caches and may load nothing from elsewhere, unless
 * their headers say otherwise.
 *
 * @param headers beside those that every answer has, or instead of them
 */
public record Response(
    int status, String contentType, Content content, Map<String, String> headers) {
  /** The body. */
  public sealed interface Content {}

  /**
   * @param compressed the same by gzip, if it is at hand
   */
  record Bytes(byte[] plain, byte @Nullable [] compressed) implements Content {}

  /**
   * @param length in bytes, -1 if it is not known
   */
  record Stream(long length, Source source) implements Content {}

  /**
   * A body of any length in parts, each taken when the client has taken the one before. Used by one
   * thread at a time.
   */
  public interface Source extends Closeable {
    /**
     * The next part, of 32 KiB or less; null at the end. May block for a disk or a database.
     *
     * @throws IOException if the body cannot be completed: then the connection is cut
     */
    @Nullable ByteBuffer next() throws IOException;
  }

  private Response(int status, String contentType, Content content) {
    this(status, contentType, content, Map.of());
  }

  public Response(int status, String contentType, byte[] body) {
    this(status, contentType, new Bytes(body, null));
  }

  public Response(int status, String contentType, byte[] body, String contentPolicy) {
    this(
        status,
        contentType,
        new Bytes(body, null),
        Map.of(HttpEndpoint.CONTENT_POLICY_HEADER, contentPolicy));
  }

  /**
   * A file that never changes while the server runs: compressed once, and a client that has it asks
   * whether it is still the same.
   */
  public static Response file(String contentType, byte[] file, String contentPolicy) {
    return new Response(
        200,
        contentType,
        new Bytes(
            file, Compression.isWorthwhile(contentType, file) ? Compression.best(file) : null),
        Map.of(
            HttpEndpoint.CONTENT_POLICY_HEADER,
            contentPolicy,
            "Cache-Control",
            "no-cache",
            "ETag",
            EntityTags.of(file)));
  }

  /**
   * @param length in bytes, -1 if it is not known
   * @param source is closed by the endpoint, also if nothing is read
   */
  public static Response stream(int status, String contentType, long length, Source source) {
    return new Response(status, contentType, new Stream(length, source));
  }

  public static Response json(int status, JsonNode json) {
    return new Response(status, "application/json", JsonObjects.bytes(json));
  }

  public static Response text(int status, String contentType, String text) {
    return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with one more header. */
  public Response with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Response(status, contentType, content, more);
  }
}
