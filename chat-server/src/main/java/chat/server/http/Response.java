package chat.server.http;

import chat.engine.protocol.JsonObjects;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/**
 * What goes back.
 *
 * @param contentPolicy what a page may load and run (Content Security Policy)
 */
record Response(int status, String contentType, byte[] body, String contentPolicy) {
  Response(int status, String contentType, byte[] body) {
    this(status, contentType, body, HttpEndpoint.CONTENT_POLICY);
  }

  static Response json(int status, JsonNode json) {
    return new Response(status, "application/json", JsonObjects.bytes(json));
  }

  static Response text(int status, String contentType, String text) {
    return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }
}
