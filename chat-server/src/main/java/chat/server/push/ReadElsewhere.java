package chat.server.push;

import chat.engine.ConversationId;
import chat.engine.protocol.JsonObjects;
import chat.server.push.device.PushDevice;
import tools.jackson.databind.node.ObjectNode;

/**
 * For a device that was told of messages which its user has read since, on another one: the number
 * to show now, and nothing else. Immutable.
 *
 * @param seq up to which the user has read the conversation
 * @param badge unread messages in all conversations
 */
public record ReadElsewhere(PushDevice device, ConversationId conversation, long seq, long badge) {
  /** Names it: the same however often it is tried, and no other has it. */
  public String id() {
    return "badge:" + device.id() + ":" + conversation + ":" + seq;
  }

  /** What the device is told, without the token. */
  public ObjectNode json() {
    return JsonObjects.object()
        .put("type", "badge")
        .put("id", id())
        .put("user", device.user().value())
        .put("badge", badge)
        .put("conversation_id", conversation.toString())
        .put("read_seq", seq);
  }
}
