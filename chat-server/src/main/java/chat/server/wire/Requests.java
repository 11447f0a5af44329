package chat.server.wire;

import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.server.accounts.Account;
import chat.server.accounts.Contacts;
import chat.server.accounts.GroupNames.NamedGroup;
import chat.server.accounts.Identity;
import chat.server.conversations.Conversations;
import chat.server.conversations.Pages;
import chat.server.json.ApiException;
import chat.server.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The verbs of the protocol for one connection. Each {@link #handle} returns when the request has
 * taken its place in the order: at once for what the engine orders itself, when it is done for what
 * needs the database first. Called for one request at a time.
 */
final class Requests {
  private static final int MAX_KNOWN_NAMES = 256;
  private static final CompletableFuture<?> ACCEPTED = CompletableFuture.completedFuture(null);

  private final ChatEndpoint endpoint;
  private final ChatSocket socket;
  private final Account account;
  private final ChatSession session;
  private final Map<String, ConversationId> knownNames =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ConversationId> eldest) {
          return size() > MAX_KNOWN_NAMES;
        }
      };

  Requests(ChatEndpoint endpoint, ChatSocket socket, Identity identity, ChatSession session) {
    this.endpoint = endpoint;
    this.socket = socket;
    this.account = identity.account();
    this.session = session;
  }

  ChatSession session() {
    return session;
  }

  CompletableFuture<?> handle(String type, @Nullable String id, ObjectNode request) {
    return switch (RequestType.named(type)) {
      case SEND -> send(id, request);
      case HISTORY -> answer(id, history(request));
      case SYNC -> answer(id, sync(request));
      case READ ->
          answer(
              id, nothing(session.markRead(conversation(request), Json.integer(request, "seq"))));
      case RECEIVED ->
          answer(
              id,
              nothing(session.markReceived(conversation(request), Json.integer(request, "seq"))));
      case TYPING -> {
        session.typing(conversation(request), Json.flag(request, "on"));
        yield answer(id, CompletableFuture.completedFuture(Json.object()));
      }
      case MEMBERS -> answer(id, allMembers(conversation(request)).thenApply(Requests::members));
      case LEAVE -> answer(id, nothing(session.leave(conversation(request))));
      case SET_ROLE -> blocking(id, () -> setRole(request));
      case CREATE_GROUP -> blocking(id, () -> createGroup(request));
      case RENAME_GROUP ->
          blocking(
              id,
              () -> {
                endpoint
                    .conversations()
                    .rename(account, conversation(request), Json.text(request, "name"));
                return Json.object();
              });
      case ADD_MEMBERS ->
          blocking(
              id,
              () -> {
                endpoint
                    .conversations()
                    .addMembers(account, conversation(request), Json.texts(request, "members"));
                return Json.object();
              });
      case REMOVE_MEMBERS ->
          blocking(
              id,
              () -> {
                endpoint
                    .conversations()
                    .removeMembers(account, conversation(request), Json.texts(request, "members"));
                return Json.object();
              });
      case ADD_CONTACT -> blocking(id, () -> addContact(request));
      case CONTACTS -> blocking(id, this::contacts);
      case PRESENCE ->
          blocking(
              id,
              () ->
                  presence(
                      endpoint
                          .conversations()
                          .visibleTo(account, Json.texts(request, "usernames"))));
      case PING -> answer(id, CompletableFuture.completedFuture(Json.object()));
    };
  }

  /** The engine keeps the order: the answer comes later, the next request need not wait. */
  private CompletableFuture<?> answer(@Nullable String id, CompletableFuture<ObjectNode> reply) {
    reply.whenComplete((result, fault) -> finish(id, result, fault));
    return ACCEPTED;
  }

  private CompletableFuture<?> blocking(@Nullable String id, ChatSocket.Blocking<ObjectNode> work) {
    return socket.onBlockingThread(work).whenComplete((result, fault) -> finish(id, result, fault));
  }

  private void finish(@Nullable String id, @Nullable ObjectNode result, @Nullable Throwable fault) {
    if (fault != null || result == null) {
      socket.sendError(
          id, ApiException.from(fault != null ? fault : new IllegalStateException("no result")));
      return;
    }
    ObjectNode reply = Json.object().put("type", "ok");
    if (id != null) {
      reply.put("id", id);
    }
    reply.setAll(result);
    socket.send(reply);
  }

  private static CompletableFuture<ObjectNode> nothing(CompletableFuture<Void> done) {
    return done.thenApply(unused -> Json.object());
  }

  private static ConversationId conversation(ObjectNode request) {
    return ConversationId.parse(Json.text(request, "conversation_id"));
  }

  private CompletableFuture<?> send(@Nullable String id, ObjectNode request) {
    long begun = System.nanoTime();
    NewMessage message = newMessage(request);
    String to = Json.optionalText(request, "to").orElse(null);
    String group = Json.optionalText(request, "group").orElse(null);
    String given = Json.optionalText(request, "conversation_id").orElse(null);
    if ((to == null ? 0 : 1) + (group == null ? 0 : 1) + (given == null ? 0 : 1) != 1) {
      throw ApiException.badRequest("give one of conversation_id, to and group");
    }
    if (given != null) {
      return sendTo(id, ConversationId.parse(given), message, begun);
    }
    String key = to != null ? "@" + to : "#" + group;
    ConversationId known = knownNames.get(key);
    if (known != null) {
      return sendTo(id, known, message, begun);
    }
    return socket
        .onBlockingThread(
            () ->
                to != null
                    ? endpoint.conversations().direct(account, to)
                    : endpoint
                        .conversations()
                        .groupOf(account, String.valueOf(group))
                        .conversation())
        .handle(
            (found, fault) -> {
              if (fault != null) {
                socket.sendError(id, ApiException.from(fault));
              } else {
                if (to != null) { // a group can be renamed
                  knownNames.put(key, found);
                }
                sendTo(id, found, message, begun);
              }
              return null;
            });
  }

  private CompletableFuture<?> sendTo(
      @Nullable String id, ConversationId conversation, NewMessage message, long begun) {
    return answer(
        id,
        session
            .send(conversation, message)
            .thenApply(
                ack -> {
                  endpoint.sendTimes().accept(Duration.ofNanos(System.nanoTime() - begun));
                  return acknowledgement(ack);
                }));
  }

  private static ObjectNode acknowledgement(SendAck ack) {
    return Json.object()
        .put("message_id", ack.messageId().toString())
        .put("conversation_id", ack.conversation().toString())
        .put("seq", ack.seq())
        .put("created_at", Json.time(ack.createdAt()))
        .put("duplicate", ack.duplicate());
  }

  private static NewMessage newMessage(ObjectNode request) {
    NewMessage message =
        NewMessage.text(
            ClientMessageId.of(Json.text(request, "client_message_id")),
            Json.text(request, "text"));
    Long replyTo = Json.optionalInteger(request, "reply_to").orElse(null);
    if (replyTo != null) {
      message = message.withReplyTo(replyTo);
    }
    List<String> mentions = Json.texts(request, "mentions");
    if (!mentions.isEmpty()) {
      message = message.withMentions(mentions.stream().map(UserId::of).toList());
    }
    ObjectNode attributes = Json.optionalObject(request, "attributes").orElseGet(Json::object);
    return attributes.isEmpty() ? message : message.withAttributes(attributes.toString());
  }

  private CompletableFuture<ObjectNode> history(ObjectNode request) {
    return session.history(conversation(request), historyQuery(request)).thenApply(Requests::page);
  }

  private static HistoryQuery historyQuery(ObjectNode request) {
    return Pages.query(
        Json.optionalInteger(request, "before"),
        Json.optionalInteger(request, "after"),
        Json.optionalInteger(request, "limit"));
  }

  private static ObjectNode page(MessagePage page) {
    ObjectNode reply = Json.object();
    ArrayNode messages = reply.putArray("messages");
    page.messages().forEach(message -> EventJson.message(messages.addObject(), message));
    return reply.put("has_more", page.hasMore());
  }

  private CompletableFuture<ObjectNode> sync(ObjectNode request) {
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    JsonNode given = request.get("cursors");
    if (given != null && !given.isNull()) {
      if (!given.isObject()) {
        throw ApiException.badRequest("cursors must be an object");
      }
      for (Map.Entry<String, JsonNode> cursor : given.properties()) {
        cursors.put(ConversationId.parse(cursor.getKey()), cursor(cursor.getValue()));
      }
    }
    return session.sync(cursors).thenApply(this::syncReply);
  }

  private static SyncCursor cursor(JsonNode given) {
    return new SyncCursor(
        Json.integer(given, "seq"),
        Json.optionalInteger(given, "rev").orElse(SyncCursor.UNKNOWN),
        Json.optionalInteger(given, "read_seq").orElse(SyncCursor.UNKNOWN));
  }

  private ObjectNode syncReply(SyncResult result) {
    ObjectNode reply = Json.object();
    ArrayNode conversations = reply.putArray("conversations");
    result
        .conversations()
        .forEach(state -> EventJson.state(conversations.addObject(), state, account.userId()));
    if (!result.gone().isEmpty()) {
      ArrayNode gone = reply.putArray("gone");
      result.gone().forEach(conversation -> gone.add(conversation.toString()));
    }
    return reply;
  }

  private ObjectNode setRole(ObjectNode request) {
    String named = Json.text(request, "role");
    Role role =
        switch (named) {
          case "owner" -> Role.OWNER;
          case "admin" -> Role.ADMIN;
          case "member" -> Role.MEMBER;
          default -> throw ApiException.badRequest("role must be owner, admin or member");
        };
    List<String> members = Json.texts(request, "members");
    if (members.size() != 1) {
      throw ApiException.badRequest("members must name one member");
    }
    endpoint.conversations().setRole(account, conversation(request), members.get(0), role);
    return Json.object();
  }

  private CompletableFuture<MemberList> allMembers(ConversationId conversation) {
    PageQuery<UserId> page = PageQuery.<UserId>first().limit(PageQuery.MAX_LIMIT);
    return session.members(conversation, page).thenCompose(list -> rest(conversation, list));
  }

  /** The rev stays that of the first page: later changes are then applied once more. */
  private CompletableFuture<MemberList> rest(ConversationId conversation, MemberList list) {
    if (!list.hasMore()) {
      return CompletableFuture.completedFuture(list);
    }
    UserId last = list.members().get(list.members().size() - 1).user();
    return session
        .members(conversation, PageQuery.after(last).limit(PageQuery.MAX_LIMIT))
        .thenCompose(
            next -> {
              List<Member> both = new ArrayList<>(list.members());
              both.addAll(next.members());
              return rest(conversation, new MemberList(list.rev(), both, next.hasMore()));
            });
  }

  private static ObjectNode members(MemberList list) {
    ObjectNode reply = Json.object().put("rev", list.rev());
    ArrayNode array = reply.putArray("members");
    for (Member member : list.members()) {
      array
          .addObject()
          .put("username", member.user().value())
          .put("role", member.role().name().toLowerCase(Locale.ROOT))
          .put("joined_at", Json.time(member.joinedAt()))
          .put("read_seq", member.readSeq())
          .put("received_seq", member.receivedSeq());
    }
    return reply;
  }

  private ObjectNode createGroup(ObjectNode request) {
    NamedGroup group =
        endpoint
            .conversations()
            .createGroup(account, Json.text(request, "name"), Json.texts(request, "members"));
    return Json.object()
        .put("conversation_id", group.conversation().toString())
        .put("name", group.name());
  }

  private ObjectNode addContact(ObjectNode request) {
    Contacts.Added added = endpoint.contacts().add(account, Json.text(request, "username"));
    endpoint.contactsAdded(account, added);
    return presence(Set.of(added.friend().userId()));
  }

  private ObjectNode contacts() {
    return presence(
        endpoint.contacts().of(account).stream().map(Account::userId).collect(Collectors.toSet()));
  }

  private ObjectNode presence(Set<UserId> visible) {
    List<Presence> presences = Conversations.presences(session, visible);
    ObjectNode reply = Json.object();
    ArrayNode array = reply.putArray("users");
    presences.forEach(presence -> EventJson.presence(array.addObject(), presence));
    return reply;
  }
}
