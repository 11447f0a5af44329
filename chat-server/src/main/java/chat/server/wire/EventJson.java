package chat.server.wire;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationState;
import chat.engine.EventEncoder;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import chat.server.json.Json;
import chat.server.ws.TextFrames;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events as whole WebSocket frames: made once a node, sent to any number of connections. Stateless.
 */
public final class EventJson implements EventEncoder {
  /** Shared by all connections, so that the engine encodes an event once for all of them. */
  public static final EventJson ENCODER = new EventJson();

  /** Most users that a change names. */
  static final int MOST_USERNAMES = 100;

  @Override
  public byte[] encode(ChatEvent event) {
    return TextFrames.of(Json.bytes(json(event)));
  }

  static ObjectNode json(ChatEvent event) {
    if (event instanceof MessageReceived received) {
      return message(typed("message"), received.message());
    }
    if (event instanceof ReceiptMoved receipt) {
      return typed("receipt")
          .put("conversation_id", receipt.conversation().toString())
          .put("username", receipt.user().value())
          .put("kind", receipt.kind().name().toLowerCase(Locale.ROOT))
          .put("seq", receipt.seq());
    }
    if (event instanceof TypingChanged typing) {
      return typed("typing")
          .put("conversation_id", typing.conversation().toString())
          .put("username", typing.user().value())
          .put("on", typing.on());
    }
    if (event instanceof PresenceChanged changed) {
      return presence(typed("presence"), changed.presence());
    }
    if (event instanceof ConversationChanged changed) {
      return conversationChanged(changed);
    }
    if (event instanceof SessionEnded ended) {
      return typed("bye")
          .put("reason", ended.reason().name().toLowerCase(Locale.ROOT))
          .put("retry_after_ms", ended.retryAfter().toMillis());
    }
    if (event instanceof Resync) {
      return typed("resync");
    }
    throw new IllegalArgumentException("an event of no known kind: " + event.getClass());
  }

  private static ObjectNode typed(String type) {
    return Json.object().put("type", type);
  }

  private static ObjectNode conversationChanged(ConversationChanged changed) {
    ObjectNode event = conversation(typed("conversation"), changed.conversation());
    if (!changed.conversation().peers().isEmpty()) {
      ArrayNode peers = event.putArray("peers"); // one event for both: each finds the other
      changed.conversation().peers().forEach(user -> peers.add(user.value()));
    }
    ConversationChange change = changed.change();
    if (change != null) {
      ObjectNode what =
          event
              .putObject("change")
              .put("kind", change.kind().name().toLowerCase(Locale.ROOT))
              .put("rev", change.rev())
              .put("at_seq", change.atSeq())
              .put("by", change.actor().value());
      subjects(what, change.subjects());
      if (change.role() != null) {
        what.put("role", change.role().name().toLowerCase(Locale.ROOT));
      }
      if (change.name() != null) {
        what.put("name", change.name());
      }
    }
    return event;
  }

  private static void subjects(ObjectNode into, List<UserId> subjects) {
    if (subjects.size() == 1) {
      into.put("username", subjects.get(0).value());
    } else if (!subjects.isEmpty()) {
      ArrayNode usernames = into.putArray("usernames");
      subjects.stream().limit(MOST_USERNAMES).forEach(user -> usernames.add(user.value()));
      into.put("count", subjects.size());
    }
  }

  private static ObjectNode conversation(ObjectNode into, Conversation conversation) {
    into.put("conversation_id", conversation.id().toString())
        .put("kind", conversation.kind().name().toLowerCase(Locale.ROOT));
    if (conversation.name() != null) {
      into.put("name", conversation.name());
    }
    return into;
  }

  static ObjectNode message(ObjectNode into, Message message) {
    into.put("conversation_id", message.conversation().toString())
        .put("message_id", message.id().toString())
        .put("seq", message.seq())
        .put("from", message.from().value())
        .put("client_message_id", message.clientMessageId().value())
        .put("text", message.text());
    if (message.replyTo() != null) {
      into.put("reply_to", message.replyTo());
    }
    if (!message.mentions().isEmpty()) {
      ArrayNode mentions = into.putArray("mentions");
      message.mentions().forEach(user -> mentions.add(user.value()));
    }
    if (message.attributes() != null) {
      into.set("attributes", Json.parse(message.attributes()));
    }
    return into.put("created_at", Json.time(message.createdAt()));
  }

  static ObjectNode presence(ObjectNode into, Presence presence) {
    into.put("username", presence.user().value()).put("online", presence.online());
    if (presence.lastSeenAt() != null) {
      into.put("last_seen_at", Json.time(presence.lastSeenAt()));
    }
    return into;
  }

  static ObjectNode state(ObjectNode into, ConversationState state, UserId reader) {
    conversation(into, state.conversation());
    state.conversation().peerOf(reader).ifPresent(peer -> into.put("peer", peer.value()));
    into.put("role", state.role().name().toLowerCase(Locale.ROOT))
        .put("rev", state.rev())
        .put("last_seq", state.lastSeq())
        .put("read_seq", state.readSeq())
        .put("unread", state.unread())
        .put("has_more", state.hasMore());
    if (state.lastMessage() != null) {
      message(into.putObject("last_message"), state.lastMessage());
    }
    if (!state.missed().isEmpty()) {
      ArrayNode missed = into.putArray("missed");
      state.missed().forEach(message -> message(missed.addObject(), message));
    }
    return into;
  }
}
