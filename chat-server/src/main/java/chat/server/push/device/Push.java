package chat.server.push.device;

import chat.engine.Conversation;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One notification for one device: what is unread in a conversation. It takes the place of an
 * earlier one about the same conversation. Immutable.
 *
 * @param seq of the newest message that it tells of
 * @param unread messages in the conversation that the user has not read
 * @param badge unread messages in all conversations
 * @param messages the newest of the unread ones, ascending; empty where the content is hidden
 */
public record Push(
    PushDevice device,
    Conversation conversation,
    long seq,
    long unread,
    long badge,
    List<Message> messages) {
  public Push {
    messages = List.copyOf(messages);
  }

  /** Names it: the same however often it is tried, and no other has it. */
  public String id() {
    return "push:" + device.id() + ":" + conversation.id() + ":" + seq;
  }

  /** Whether it is meant for the user, and not for a whole group. */
  public boolean isUrgent() {
    return conversation.kind() == ConversationKind.DIRECT
        || messages.stream().anyMatch(message -> message.mentions().contains(device.user()));
  }

  /**
   * What the device shows, without the token.
   *
   * @param most messages at most
   */
  public ObjectNode json(int most) {
    boolean hidden = messages.isEmpty();
    ObjectNode json =
        JsonObjects.object()
            .put("type", "push")
            .put("id", id())
            .put("user", device.user().value())
            .put("badge", badge);
    ObjectNode shown = json.putArray("notifications").addObject();
    boolean group = conversation.kind() == ConversationKind.GROUP;
    shown
        .put("conversation_id", conversation.id().toString())
        .put("kind", group ? "group" : "direct")
        .put("seq", seq)
        .put("unread", unread);
    if (hidden) {
      return json;
    }
    if (group) {
      shown.put("name", conversation.name());
    }
    ArrayNode list = shown.putArray("messages");
    messages
        .subList(Math.max(0, messages.size() - most), messages.size())
        .forEach(message -> add(list.addObject(), message));
    return json;
  }

  private void add(ObjectNode into, Message message) {
    into.put("seq", message.seq())
        .put("from", sender(message))
        .put("text", message.text())
        .put("created_at", JsonObjects.time(message.createdAt()));
    if (message.mentions().contains(device.user())) {
      into.put("mention", true);
    }
  }

  private static @Nullable String sender(Message message) {
    UserId from = message.from();
    return from.isSystem() ? null : from.value();
  }
}
