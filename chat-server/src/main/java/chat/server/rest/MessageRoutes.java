package chat.server.rest;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Pages;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.contacts.Contacts;
import chat.server.conversations.Conversations;
import chat.server.conversations.GroupNames.NamedGroup;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Pages of history, with the paths and field names of chat-be. Thread-safe. */
public final class MessageRoutes implements HttpEndpoint.Routes {
  private static final int MAX_FRIENDS_AT_ONCE = 100;

  /** Characters of texts after which an answer holds no more friends. */
  private static final int MAX_TEXTS_AT_ONCE = 256 * 1024;

  private final ChatEngine engine;
  private final Callers callers;
  private final Accounts accounts;
  private final Contacts contacts;
  private final Conversations conversations;

  public MessageRoutes(
      ChatEngine engine,
      Callers callers,
      Accounts accounts,
      Contacts contacts,
      Conversations conversations) {
    this.engine = engine;
    this.callers = callers;
    this.accounts = accounts;
    this.contacts = contacts;
    this.conversations = conversations;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("GET", "/v1/messages", this::allMessages);
    http.route("GET", "/v1/messages/friend", this::friendMessages);
    http.route("GET", "/v1/messages/group", this::groupMessages);
  }

  private static HistoryQuery page(Request request) {
    return Pages.query(request.number("before"), request.number("after"), request.number("limit"));
  }

  private List<Message> history(
      Account caller, @Nullable ConversationId conversation, HistoryQuery page) {
    if (conversation == null) {
      return List.of(); // nobody has written yet
    }
    return Conversations.await(engine.asUser(caller.userId()).history(conversation, page))
        .messages();
  }

  private Response allMessages(Request request) {
    Account caller = callers.of(request);
    HistoryQuery page = page(request);
    ObjectNode reply = JsonObjects.object();
    ObjectNode byFriend = reply.putObject("message");
    List<Account> friends = contacts.of(caller);
    Map<UserId, ConversationId> directs = conversations.directs(caller);
    int texts = 0;
    int done = 0;
    while (done < friends.size() && done < MAX_FRIENDS_AT_ONCE && texts < MAX_TEXTS_AT_ONCE) {
      Account friend = friends.get(done++);
      List<Message> messages = history(caller, directs.get(friend.userId()), page);
      if (!messages.isEmpty()) {
        ArrayNode array = byFriend.putArray(Long.toString(friend.id()));
        messages.forEach(message -> direct(array.addObject(), message, caller, friend));
        texts += messages.stream().mapToInt(message -> message.text().length()).sum();
      }
    }
    return Response.json(200, reply.put("has_more", done < friends.size()));
  }

  private Response friendMessages(Request request) {
    Account caller = callers.of(request);
    Account friend = accounts.named(request.requiredParameter("friendUsername"));
    ConversationId conversation = conversations.directs(caller).get(friend.userId());
    if (conversation == null) {
      conversations.requireMayWrite(caller, friend);
    }
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("message");
    history(caller, conversation, page(request))
        .forEach(message -> direct(array.addObject(), message, caller, friend));
    return Response.json(200, reply);
  }

  private static void direct(ObjectNode into, Message message, Account caller, Account friend) {
    boolean own = message.from().equals(caller.userId());
    into.put("message_id", message.id().toString())
        .put("message_from", Long.toString((own ? caller : friend).id()))
        .put("message_to", Long.toString((own ? friend : caller).id()))
        .put("content", message.text())
        .put("seq", message.seq())
        .put("created_at", JsonObjects.time(message.createdAt()))
        .put("updated_at", JsonObjects.time(updatedAt(message)));
    if (message.deletedAt() == null) {
      into.putNull("deleted_at");
    } else {
      into.put("deleted_at", JsonObjects.time(message.deletedAt()));
    }
    WireJson.reply(into, message);
    WireJson.forward(into, message);
    WireJson.attachments(into, message);
  }

  private static Instant updatedAt(Message message) {
    return message.editedAt() == null ? message.createdAt() : message.editedAt();
  }

  private Response groupMessages(Request request) {
    Account caller = callers.of(request);
    NamedGroup group = conversations.groupOf(caller, request.requiredParameter("groupName"));
    List<Message> messages = history(caller, group.conversation(), page(request));
    Map<String, Account> senders =
        accounts.named(
            messages.stream().map(message -> message.from().value()).collect(Collectors.toSet()));
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("messages");
    for (Message message : messages) {
      Account sender = senders.get(message.from().value());
      ObjectNode into = array.addObject();
      into.put("id", Long.toString(group.id()))
          .put("message_id", message.id().toString())
          .put("user_id", sender == null ? null : Long.toString(sender.id()))
          .put("content", message.text())
          .put("seq", message.seq())
          .put("created_at", JsonObjects.time(message.createdAt()))
          .put("updated_at", JsonObjects.time(updatedAt(message)));
      WireJson.reply(into, message);
      WireJson.forward(into, message);
      WireJson.attachments(into, message);
    }
    return Response.json(200, reply);
  }
}
