package chat.server.webhooks;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.ReactionChanged;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedEntry;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.WireJson;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a feed delivers, in the words of the WebSocket's events. */
final class EntryJson {
  private EntryJson() {}

  /**
   * The event of an entry, with an {@code event_id} and what is known of the conversation.
   *
   * @return empty where there is nothing to tell: a reaction that a later one has replaced
   */
  static Optional<ObjectNode> of(FeedBatch batch, FeedEntry entry) {
    Conversation conversation = batch.conversation();
    return event(conversation, entry)
        .map(
            event -> {
              event.put("event_id", entry.id());
              if (conversation != null) {
                describe(event.putObject("in"), conversation);
              }
              return event;
            });
  }

  private static void describe(ObjectNode into, Conversation conversation) {
    boolean group = conversation.kind() == ConversationKind.GROUP;
    into.put("kind", group ? "group" : "direct");
    if (group) {
      into.put("name", conversation.name());
    } else {
      ArrayNode users = into.putArray("users");
      conversation.peers().forEach(user -> users.add(user.value()));
    }
  }

  private static Optional<ObjectNode> event(@Nullable Conversation conversation, FeedEntry entry) {
    if (entry instanceof FeedEntry.Sent sent) {
      return json(new MessageReceived(sent.message()));
    }
    ConversationChange change = ((FeedEntry.Changed) entry).change();
    if (conversation == null) {
      return Optional.of(deleted(change));
    }
    return switch (change.kind()) {
      case MESSAGE_EDITED, MESSAGE_DELETED ->
          change.message() == null
              ? Optional.empty()
              : json(new MessageChanged(conversation, change.message(), change));
      case MESSAGE_REACTED ->
          change.reaction() == null
              ? Optional.empty()
              : json(new ReactionChanged(conversation, change));
      default -> json(new ConversationChanged(conversation, change));
    };
  }

  private static Optional<ObjectNode> json(ChatEvent event) {
    return Optional.of(WireJson.event(event));
  }

  /** A change of a conversation that is not there any more. */
  private static ObjectNode deleted(ConversationChange change) {
    ObjectNode event =
        JsonObjects.object()
            .put("type", "conversation")
            .put("conversation_id", change.conversation().toString());
    event
        .putObject("change")
        .put("kind", "deleted")
        .put("rev", change.rev())
        .put("at_seq", change.atSeq())
        .put("by", change.actor().value());
    return event;
  }
}
