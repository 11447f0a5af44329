package chat.engine.examples.console.model;

import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/**
 * A message that was on the screen, as it is now.
 *
 * @param files ids of its attachments
 */
public record SeenMessage(
    long seq, String from, String text, List<String> files, List<String> mentions) {
  static SeenMessage of(JsonNode message) {
    return new SeenMessage(
        message.get("seq").asLong(),
        message.get("from").asString(),
        message.path("text").asString(""),
        strings(message.path("attachments")),
        strings(message.path("mentions")));
  }

  private static List<String> strings(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asString).toList();
  }
}
