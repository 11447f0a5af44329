package chat.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ForwardOf;
import chat.engine.GroupUpdate;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.Presence;
import chat.engine.Privacy;
import chat.engine.ReactionChange;
import chat.engine.ReceiptKind;
import chat.engine.ReplyPreview;
import chat.engine.Role;
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
import chat.engine.protocol.WireJson;
import chat.engine.spi.ConversationStore.Change;
import chat.server.ApiDescriptions;
import chat.server.json.ApiError;
import chat.server.ws.CloseCode;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the code knows and what the description of the WebSocket lists are the same. */
final class ProtocolDescriptionTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final ConversationId TALK = ConversationId.of(7);
  private static final Instant NOW = Instant.parse("2026-03-01T09:30:00Z");

  private final ApiDescriptions descriptions = new ApiDescriptions();
  private final JsonNode asyncapi = descriptions.asyncapi();

  private Set<String> operations(String action) {
    return asyncapi.get("operations").properties().stream()
        .filter(operation -> operation.getValue().get("action").asString().equals(action))
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> strings(JsonNode array) {
    Set<String> strings = new TreeSet<>();
    array.forEach(element -> strings.add(element.asString()));
    return strings;
  }

  @Test
  void everyRequest() {
    Set<String> open = new TreeSet<>();
    ChatEndpoint.verbs(
            null, null, null, null, null, (user, conversation) -> {}, (account, change) -> {})
        .forEach(set -> open.addAll(set.verbs().keySet()));
    assertThat(operations("receive")).isEqualTo(open);
    for (String type : operations("receive")) {
      assertThat(
              asyncapi
                  .at("/components/messages/" + type + "_request/payload/properties/type/const")
                  .asString())
          .isEqualTo(type);
    }
  }

  @Test
  void everyEventWithAllThatItCanHave() {
    List<ChatEvent> events = events();
    assertThat(events.stream().map(Object::getClass).collect(Collectors.toSet()))
        .isEqualTo(Set.of(ChatEvent.class.getPermittedSubclasses()));
    Set<String> names = // not the engine's
        new HashSet<>(
            Set.of(
                "welcome_event",
                "announcement_event",
                "announcement_withdrawn_event",
                "contacts_changed_event"));
    for (ChatEvent event : events) {
      ObjectNode json = WireJson.event(event);
      String name = json.get("type").asString() + "_event";
      descriptions.checkMessage(name, json);
      names.add(name);
    }
    assertThat(operations("send")).isEqualTo(names);
  }

  private static List<ChatEvent> events() {
    Message plain = message(null, List.of(), null);
    Message full = message(3L, List.of(BOB), "{\"colour\":\"red\"}");
    Conversation group = Conversation.group(TALK, "hikers", NOW);
    List<ChatEvent> events = new ArrayList<>();
    events.add(new MessageReceived(plain));
    events.add(new MessageReceived(full));
    for (ReplyPreview preview :
        List.of(
            new ReplyPreview(3, BOB, "hi", 0, false, false),
            new ReplyPreview(3, BOB, "hi!", 5, true, false),
            new ReplyPreview(3, BOB, "", 6, false, true))) {
      Message reply = full.withReplyPreview(preview);
      events.add(new MessageReceived(reply));
      Message edited = reply.edited(MessageEdit.text("hello!"), 5, NOW);
      events.add(
          new MessageChanged(
              group,
              edited,
              ConversationChange.ofMessage(
                  edited, ConversationChange.Kind.MESSAGE_EDITED, 4, ADA, NOW)));
    }
    events.add(new MessageReceived(full.withForwardOf(ForwardOf.ELSEWHERE)));
    Message forwarded = plain.withForwardOf(ForwardOf.of(TALK, 2));
    events.add(new MessageReceived(forwarded));
    Message again = forwarded.edited(MessageEdit.text("hello!"), 5, NOW);
    events.add(
        new MessageChanged(
            group,
            again,
            ConversationChange.ofMessage(
                again, ConversationChange.Kind.MESSAGE_EDITED, 4, ADA, NOW)));
    for (ReceiptKind kind : ReceiptKind.values()) {
      events.add(new ReceiptMoved(TALK, ADA, kind, 4));
    }
    events.add(new PreferencesChanged(TALK, Preferences.NONE));
    events.add(
        new PreferencesChanged(TALK, new Preferences(4, PreferencesEdit.FOR_GOOD, 4L, true, 2L)));
    events.add(new PrivacyChanged(Privacy.OPEN));
    events.add(new PrivacyChanged(new Privacy(Privacy.Audience.NOBODY, false, 3)));
    events.add(new TypingChanged(TALK, ADA, true));
    events.add(new PresenceChanged(new Presence(ADA, true, null)));
    events.add(new PresenceChanged(new Presence(ADA, false, NOW)));
    events.add(new ConversationChanged(Conversation.direct(TALK, ADA, BOB, NOW), null));
    for (ConversationChange.Kind kind : ConversationChange.Kind.values()) {
      for (Role role : Role.values()) {
        if (!kind.isOfMessage()) {
          events.add(new ConversationChanged(group, change(kind, role)));
        }
      }
    }
    Message edited = full.edited(MessageEdit.text("hello!"), 5, NOW);
    for (Message changed : List.of(edited, edited.deleted(6, NOW), plain.deleted(7, NOW))) {
      events.add(new MessageReceived(changed)); // as a repair may read it
      for (ConversationChange.Kind kind :
          List.of(
              ConversationChange.Kind.MESSAGE_EDITED, ConversationChange.Kind.MESSAGE_DELETED)) {
        ConversationChange change = ConversationChange.ofMessage(changed, kind, 4, ADA, NOW);
        events.add(new MessageChanged(group, changed, change));
      }
    }
    Emoji emoji = Emoji.of("\u2764\uFE0F");
    Message reacted = plain.reacted(emoji, true, 8);
    events.add(new MessageReceived(reacted));
    events.add(
        new MessageChanged(
            group,
            reacted,
            ConversationChange.ofMessage(
                reacted, ConversationChange.Kind.MESSAGE_EDITED, 4, ADA, NOW)));
    for (boolean on : new boolean[] {true, false}) {
      ReactionChange reaction = new ReactionChange(4, emoji, on, on ? 1 : 0);
      events.add(
          new ReactionChanged(
              group, ConversationChange.ofReaction(TALK, 8, 4, BOB, reaction, NOW)));
    }
    events.add(new ConversationChanged(group, removal(2)));
    events.add(new ConversationChanged(group, removal(101)));
    Conversation detailed = everything().applyTo(group);
    events.add(new ConversationChanged(detailed, null));
    for (GroupUpdate.Field field : GroupUpdate.Field.values()) {
      Change cleared =
          field == GroupUpdate.Field.NAME
              ? Change.updated(GroupUpdate.of().withName("x"))
              : Change.updated(
                  new GroupUpdate(Set.of(field), null, null, null, null, Duration.ZERO));
      events.add(new ConversationChanged(detailed, cleared.logged(TALK, 1, 0, ADA, NOW)));
    }
    events.add(
        new ConversationChanged(group, Change.silenced(BOB, null).logged(TALK, 1, 0, ADA, NOW)));
    events.add(
        new ConversationChanged(group, Change.banned(BOB, null).logged(TALK, 1, 0, ADA, NOW)));
    events.add(new Resync());
    for (SessionEnded.Reason reason : SessionEnded.Reason.values()) {
      events.add(new SessionEnded(reason, Duration.ofSeconds(1)));
    }
    return events;
  }

  private static Message message(Long replyTo, List<UserId> mentions, String attributes) {
    return new Message(
        TALK,
        MessageId.of(9),
        4,
        ADA,
        new ClientMessageId("c1"),
        "hello",
        replyTo,
        mentions,
        attributes,
        NOW);
  }

  private static ConversationChange change(ConversationChange.Kind kind, Role role) {
    return switch (kind) {
      case ADDED, ROLE_SET ->
          new ConversationChange(TALK, 1, 0, kind, ADA, List.of(BOB), role, null, NOW);
      case REMOVED -> new ConversationChange(TALK, 1, 0, kind, ADA, List.of(BOB), null, null, NOW);
      case RENAMED ->
          new ConversationChange(TALK, 1, 0, kind, ADA, List.of(), null, "climbers", NOW);
      case ATTRIBUTES_SET, DELETED, MESSAGE_EDITED, MESSAGE_DELETED, MESSAGE_REACTED ->
          new ConversationChange(TALK, 1, 0, kind, UserId.SYSTEM, List.of(), null, null, NOW);
      case UPDATED -> Change.updated(everything()).logged(TALK, 1, 0, ADA, NOW);
      case BANNED -> Change.banned(BOB, NOW).logged(TALK, 1, 0, ADA, NOW);
      case UNBANNED -> Change.unbanned(BOB).logged(TALK, 1, 0, ADA, NOW);
      case PINNED, UNPINNED ->
          ConversationChange.ofPin(TALK, 1, 0, ADA, 3, kind == ConversationChange.Kind.PINNED, NOW);
      case EXPIRED -> ConversationChange.ofExpiry(TALK, 1, 3, 3, NOW);
      case RETENTION_SET ->
          ConversationChange.ofRetention(TALK, 1, 3, ADA, Duration.ofDays(1), NOW);
      case PEER_REPLACED ->
          new ConversationChange(
              TALK, 1, 0, kind, ADA, List.of(BOB, UserId.of("cleo")), null, null, NOW);
      case SILENCED -> Change.silenced(BOB, NOW).logged(TALK, 1, 0, ADA, NOW);
    };
  }

  private static GroupUpdate everything() {
    return GroupUpdate.of()
        .withName("climbers")
        .withDescription("ropes and knots")
        .withAvatarUrl("https://pictures.example/climbers.png")
        .withAttributes("{\"colour\":\"red\"}")
        .withSlowMode(Duration.ofSeconds(30));
  }

  private static ConversationChange removal(int count) {
    List<UserId> users = IntStream.range(0, count).mapToObj(i -> UserId.of("user" + i)).toList();
    return new ConversationChange(
        TALK, 1, 0, ConversationChange.Kind.REMOVED, ADA, users, null, null, NOW);
  }

  @Test
  void aChangeOfManyNamesTheFirstHundredAndTellsHowMany() {
    Conversation group = Conversation.group(TALK, "hikers", NOW);
    ObjectNode change =
        (ObjectNode) WireJson.event(new ConversationChanged(group, removal(10_000))).get("change");
    assertThat(change.get("usernames").size()).isEqualTo(100);
    assertThat(change.get("usernames").get(99).asString()).isEqualTo("user99");
    assertThat(change.get("count").intValue()).isEqualTo(10_000);
    assertThat(change.has("username")).isFalse();

    ObjectNode single =
        (ObjectNode) WireJson.event(new ConversationChanged(group, removal(1))).get("change");
    assertThat(single.get("username").asString()).isEqualTo("user0");
    assertThat(single.has("usernames")).isFalse();
    assertThat(single.has("count")).isFalse();
  }

  @Test
  void everyErrorCode() {
    Set<String> onSockets = strings(asyncapi.at("/components/schemas/ErrorCode/enum"));
    Set<String> onRest = strings(descriptions.openapi().at("/components/schemas/ErrorCode/enum"));
    Set<String> all =
        Arrays.stream(ApiError.values()).map(ApiError::wireName).collect(Collectors.toSet());
    Set<String> notOnSockets = Set.of("method_not_allowed", "unsupported_media_type");
    Set<String> notOnRest = Set.of("unknown_type");
    assertThat(onSockets).isEqualTo(without(all, notOnSockets));
    assertThat(onRest).isEqualTo(without(all, notOnRest));
  }

  private static Set<String> without(Set<String> all, Set<String> some) {
    Set<String> left = new HashSet<>(all);
    left.removeAll(some);
    return left;
  }

  @Test
  void everyCloseCode() throws Exception {
    // what the peer, the framing or nobody says
    Set<Integer> expected = new HashSet<>(Set.of(1000, 1002, 1006, 1007));
    for (Field code : CloseCode.class.getFields()) {
      expected.add(code.getInt(null));
    }
    Set<Integer> described = new HashSet<>();
    for (JsonNode code : asyncapi.at("/channels/socket/x-close-codes")) {
      described.add(code.intValue());
      assertThat(asyncapi.at("/info/description").asString()).contains("| " + code + " |");
    }
    assertThat(described).isEqualTo(expected);
  }

  @Test
  void everyExampleFitsItsSchema() {
    Map<String, JsonNode> messages =
        asyncapi.at("/components/messages").properties().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    messages.forEach(
        (name, message) -> {
          assertThat(message.get("examples")).as(name).isNotEmpty();
          message
              .get("examples")
              .forEach(example -> descriptions.checkMessage(name, example.get("payload")));
        });
  }
}
