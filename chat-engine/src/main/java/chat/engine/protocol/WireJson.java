package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationState;
import chat.engine.EventEncoder;
import chat.engine.ForwardOf;
import chat.engine.HistoryAccess;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.Presence;
import chat.engine.Privacy;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.ReplyPreview;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.PresenceChanged;
import chat.engine.event.PrivacyChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Events and plain data of the engine as JSON objects of the protocol. Stateless. */
public final class WireJson {
  /** Most users that a change names. */
  static final int MOST_USERNAMES = 100;

  /** Events as frames; shared by all connections, so that the engine encodes each event once. */
  static final EventEncoder<Frame> FRAMES = event -> new Frame(JsonObjects.bytes(event(event)));

  private WireJson() {}

  /** An event with its type. */
  public static ObjectNode event(ChatEvent event) {
    if (event instanceof MessageReceived received) {
      return message(typed("message"), received.message());
    }
    if (event instanceof MessageChanged changed) {
      return messageChanged(changed);
    }
    if (event instanceof ReactionChanged changed) {
      return reactionChanged(changed);
    }
    if (event instanceof ReceiptMoved receipt) {
      return typed("receipt")
          .put("conversation_id", receipt.conversation().toString())
          .put("username", receipt.user().value())
          .put("kind", receipt.kind().name().toLowerCase(Locale.ROOT))
          .put("seq", receipt.seq());
    }
    if (event instanceof PreferencesChanged changed) {
      return PreferencesJson.event(changed);
    }
    if (event instanceof PrivacyChanged changed) {
      return privacy(typed("privacy"), changed.privacy());
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
      ObjectNode bye =
          typed("bye")
              .put("reason", ended.reason().name().toLowerCase(Locale.ROOT))
              .put("retry_after_ms", ended.retryAfter().toMillis());
      return ended.explanation() == null ? bye : bye.put("explanation", ended.explanation());
    }
    if (event instanceof Resync) {
      return typed("resync");
    }
    throw new IllegalArgumentException("an event of no known kind: " + event.getClass());
  }

  /** The answer of a verb as a frame. {@code type} and {@code id} are the protocol's own fields. */
  static Frame ok(@Nullable String id, ObjectNode answer) {
    return new Frame(
        JsonObjects.bytes(
            json -> {
              json.writeStringProperty("type", "ok");
              if (id != null) {
                json.writeStringProperty("id", id);
              }
              for (Map.Entry<String, JsonNode> field : answer.properties()) {
                if (!field.getKey().equals("type") && !field.getKey().equals("id")) {
                  json.writeName(field.getKey());
                  json.writeTree(field.getValue());
                }
              }
            }));
  }

  static ObjectNode typed(String type) {
    return JsonObjects.object().put("type", type);
  }

  private static ObjectNode messageChanged(MessageChanged changed) {
    ConversationChange change = changed.change();
    boolean deleted = change.kind() == ConversationChange.Kind.MESSAGE_DELETED;
    ObjectNode event =
        message(typed(deleted ? "message_deleted" : "message_edited"), changed.message());
    event
        .putObject("change")
        .put("rev", change.rev())
        .put("at_seq", change.atSeq())
        .put("by", change.actor().value());
    return event;
  }

  private static ObjectNode reactionChanged(ReactionChanged changed) {
    ConversationChange change = changed.change();
    ReactionChange reaction = Objects.requireNonNull(change.reaction());
    return typed("reaction")
        .put("conversation_id", change.conversation().toString())
        .put("seq", reaction.seq())
        .put("rev", change.rev())
        .put("emoji", reaction.emoji().value())
        .put("username", change.actor().value())
        .put("on", reaction.on())
        .put("count", reaction.count());
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
      if (change.attributes() != null) {
        what.set("attributes", attributes(change.attributes()));
      }
      if (change.update() != null) {
        GroupUpdates.put(what, change.update());
      }
      if (change.pinSeq() != null) {
        what.put("seq", change.pinSeq());
      }
      if (change.firstSeq() != null) {
        what.put("first_seq", change.firstSeq());
      }
      if (change.kind() == ConversationChange.Kind.RETENTION_SET) {
        Duration retention = change.retention();
        what.set(
            "retention_seconds",
            retention == null ? NullNode.getInstance() : LongNode.valueOf(retention.toSeconds()));
      }
      if (change.until() != null) {
        what.put("until", JsonObjects.time(change.until()));
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
    if (conversation.attributes() != null) {
      into.set("attributes", attributes(conversation.attributes()));
    }
    return groupDetails(into, conversation);
  }

  /**
   * What a group has beside its name, members and attributes; nothing for what it does not have.
   */
  public static ObjectNode groupDetails(ObjectNode into, Conversation conversation) {
    if (conversation.description() != null) {
      into.put("description", conversation.description());
    }
    if (conversation.avatarUrl() != null) {
      into.put("avatar_url", conversation.avatarUrl());
    }
    if (!conversation.slowMode().isZero()) {
      into.put("slow_mode_seconds", conversation.slowMode().toSeconds());
    }
    if (conversation.history() != HistoryAccess.ALL) {
      into.put("history", GroupUpdates.name(conversation.history()));
    }
    return into;
  }

  /** A message, as in events and in history. */
  public static ObjectNode message(ObjectNode into, Message message) {
    into.put("conversation_id", message.conversation().toString())
        .put("message_id", message.id().toString())
        .put("seq", message.seq())
        .put("from", message.from().value())
        .put("client_message_id", message.clientMessageId().value())
        .put("text", message.text());
    reply(into, message);
    forward(into, message);
    attachments(into, message);
    if (!message.mentions().isEmpty()) {
      ArrayNode mentions = into.putArray("mentions");
      message.mentions().forEach(user -> mentions.add(user.value()));
    }
    String attributes = message.attributes();
    if (attributes != null) {
      into.set("attributes", attributes(attributes));
    }
    into.put("created_at", JsonObjects.time(message.createdAt()));
    if (message.editedAt() != null) {
      into.put("edited_at", JsonObjects.time(message.editedAt()));
    }
    if (message.rev() > 0) {
      into.put("rev", message.rev());
    }
    if (!message.reactions().isEmpty()) {
      ArrayNode reactions = into.putArray("reactions");
      message.reactions().forEach(reaction -> reaction(reactions.addObject(), reaction));
    }
    return message.deleted() ? into.put("deleted", true) : into;
  }

  private static void reaction(ObjectNode into, ReactionCount reaction) {
    into.put("emoji", reaction.emoji().value()).put("count", reaction.count());
    Boolean me = reaction.me();
    if (me != null) {
      into.put("me", me.booleanValue());
    }
  }

  /** What the message answers, if it answers another. */
  public static void reply(ObjectNode into, Message message) {
    if (message.replyTo() != null) {
      into.put("reply_to", message.replyTo());
    }
    ReplyPreview preview = message.replyPreview();
    if (preview != null) {
      replyPreview(into.putObject("reply_preview"), preview);
    }
  }

  /** That the message was forwarded, and from where, if its reader may know. */
  public static void forward(ObjectNode into, Message message) {
    ForwardOf forwardOf = message.forwardOf();
    if (forwardOf != null) {
      ObjectNode origin = into.putObject("forward_of");
      if (forwardOf.conversation() != null) {
        origin
            .put("conversation_id", forwardOf.conversation().toString())
            .put("seq", forwardOf.seq());
      }
    }
  }

  /** The ids of the files that are attached to the message, if there are any. */
  public static void attachments(ObjectNode into, Message message) {
    if (!message.attachments().isEmpty()) {
      ArrayNode files = into.putArray("attachments");
      message.attachments().forEach(file -> files.add(file.value()));
    }
  }

  private static void replyPreview(ObjectNode into, ReplyPreview preview) {
    into.put("seq", preview.seq()).put("from", preview.from().value()).put("text", preview.text());
    if (preview.rev() > 0) {
      into.put("rev", preview.rev());
    }
    if (preview.edited()) {
      into.put("edited", true);
    }
    if (preview.deleted()) {
      into.put("deleted", true);
    }
  }

  /**
   * Attributes that came in by the protocol are a JSON object, and go out as one. The application
   * may have given any other text: that is a string.
   */
  static JsonNode attributes(String attributes) {
    try {
      return JsonObjects.parse(attributes);
    } catch (ChatException noObject) {
      return StringNode.valueOf(attributes);
    }
  }

  /** How things stand with a user. */
  public static ObjectNode presence(ObjectNode into, Presence presence) {
    into.put("username", presence.user().value()).put("online", presence.online());
    if (presence.lastSeenAt() != null) {
      into.put("last_seen_at", JsonObjects.time(presence.lastSeenAt()));
    }
    return into;
  }

  /** What a user lets others see. */
  public static ObjectNode privacy(ObjectNode into, Privacy privacy) {
    return into.put("last_seen", privacy.lastSeen().name().toLowerCase(Locale.ROOT))
        .put("read_receipts", privacy.readReceipts())
        .put("version", privacy.version());
  }

  /** A conversation as a member finds it in the answer to a sync. */
  static ObjectNode state(ObjectNode into, ConversationState state, UserId reader) {
    conversation(into, state.conversation());
    state.conversation().peerOf(reader).ifPresent(peer -> into.put("peer", peer.value()));
    into.put("role", state.role().name().toLowerCase(Locale.ROOT))
        .put("rev", state.rev())
        .put("last_seq", state.lastSeq())
        .put("read_seq", state.readSeq())
        .put("unread", state.unread())
        .put("unread_mentions", state.unreadMentions())
        .put("has_more", state.hasMore());
    PreferencesJson.write(into.putObject("preferences"), state.preferences());
    if (state.lastMessage() != null) {
      message(into.putObject("last_message"), state.lastMessage());
    }
    if (!state.missed().isEmpty()) {
      ArrayNode missed = into.putArray("missed");
      state.missed().forEach(message -> message(missed.addObject(), message));
    }
    if (!state.changes().isEmpty()) {
      ArrayNode changes = into.putArray("changes");
      state.changes().forEach(message -> message(changes.addObject(), message));
    }
    if (state.reset()) {
      into.put("reset", true);
    }
    if (state.firstSeq() > 1) {
      into.put("first_seq", state.firstSeq());
    }
    Duration retention = state.retention();
    if (retention != null) {
      into.put("retention_seconds", retention.toSeconds());
    }
    if (!state.pinned().isEmpty()) {
      ArrayNode pinned = into.putArray("pinned");
      state.pinned().forEach(pinned::add);
    }
    return into;
  }

  /** A page of a history. */
  public static ObjectNode page(MessagePage page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode messages = answer.putArray("messages");
    page.messages().forEach(message -> message(messages.addObject(), message));
    answer.put("has_more", page.hasMore());
    MessagePage.Sides sides = page.sides();
    return sides == null
        ? answer
        : answer.put("has_more_before", sides.before()).put("has_more_after", sides.after());
  }

  /** How things stand with users. */
  public static ObjectNode presences(List<Presence> presences) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode users = answer.putArray("users");
    presences.forEach(presence -> presence(users.addObject(), presence));
    return answer;
  }

  /**
   * The answer to a sync.
   *
   * @param reader who asked: the other one of a direct conversation is the peer
   */
  public static ObjectNode sync(SyncResult result, UserId reader) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode conversations = answer.putArray("conversations");
    result.conversations().forEach(state -> state(conversations.addObject(), state, reader));
    if (!result.gone().isEmpty()) {
      ArrayNode gone = answer.putArray("gone");
      result.gone().forEach(conversation -> gone.add(conversation.toString()));
    }
    if (result.hasMore()) {
      List<ConversationState> page = result.conversations();
      answer.put("next_page", page.get(page.size() - 1).conversation().id().toString());
    }
    return answer;
  }
}
