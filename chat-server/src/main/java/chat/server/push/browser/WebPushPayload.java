package chat.server.push.browser;

import chat.engine.protocol.JsonObjects;
import chat.server.push.device.Push;
import tools.jackson.databind.node.ObjectNode;

/**
 * A notification that is short enough for every push service (RFC 8030, 7.2, lets them refuse more
 * than 4,096 bytes after encryption): with fewer messages, then with less of the last one.
 */
final class WebPushPayload {
  static final int MOST_BYTES = 3 * 1024;

  private WebPushPayload() {}

  static byte[] of(Push push) {
    for (int messages = push.messages().size(); messages > 1; messages--) {
      byte[] bytes = JsonObjects.bytes(push.json(messages));
      if (bytes.length <= MOST_BYTES) {
        return bytes;
      }
    }
    ObjectNode json = push.json(1);
    byte[] bytes = JsonObjects.bytes(json);
    if (bytes.length <= MOST_BYTES) {
      return bytes;
    }
    ObjectNode last = (ObjectNode) json.at("/notifications/0/messages/0");
    last.put("cut", true);
    String text = last.path("text").asString();
    int low = 0; // characters that fit
    int high = text.length();
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      last.put("text", begin(text, middle));
      if (JsonObjects.bytes(json).length <= MOST_BYTES) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return JsonObjects.bytes(putText(json, last, begin(text, low)));
  }

  private static ObjectNode putText(ObjectNode json, ObjectNode message, String text) {
    message.put("text", text);
    return json;
  }

  /** Not half of a character. */
  private static String begin(String text, int length) {
    boolean splits =
        length > 0 && length < text.length() && Character.isHighSurrogate(text.charAt(length - 1));
    return text.substring(0, splits ? length - 1 : length);
  }
}
