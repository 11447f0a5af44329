package chat.server.http;

import chat.server.json.Json;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** What goes back. */
record Response(int status, String contentType, byte[] body) {
  static Response json(int status, JsonNode json) {
    return new Response(status, "application/json", Json.bytes(json));
  }

  static Response text(int status, String contentType, String text) {
    return new Response(status, contentType, text.getBytes(StandardCharsets.UTF_8));
  }
}
