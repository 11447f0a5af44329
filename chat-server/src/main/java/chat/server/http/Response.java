package chat.server.http;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What goes back.
 *
 * @param contentPolicy what a page may load and run (Content Security Policy)
 * @param stream writes the body, if that is too long to be held in memory; else null
 */
public record Response(
    int status, String contentType, byte[] body, String contentPolicy, @Nullable Stream stream) {
  /** Writes a body of any length. */
  public interface Stream {
    /**
     * @throws IOException if the client is gone, or the body cannot be completed: then the
     *     connection is cut
     */
    void writeTo(OutputStream out) throws IOException;
  }

  public Response(int status, String contentType, byte[] body, String contentPolicy) {
    this(status, contentType, body, contentPolicy, null);
  }

  public static Response stream(int status, String contentType, Stream stream) {
    return new Response(status, contentType, new byte[0], HttpEndpoint.CONTENT_POLICY, stream);
  }

  public Response(int status, String contentType, byte[] body) {
    this(status, contentType, body, HttpEndpoint.CONTENT_POLICY);
  }

  public static Response json(int status, JsonNode json) {
    return new Response(status, "application/json", JsonObjects.bytes(json));
  }

  public static Response text(int status, String contentType, String text) {
    return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }
}
