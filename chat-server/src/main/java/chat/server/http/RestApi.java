package chat.server.http;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Pages;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.BearerTokens;
import chat.server.accounts.ErasedAccounts;
import chat.server.accounts.GroupNames.NamedGroup;
import chat.server.accounts.Identity;
import chat.server.accounts.Logins;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.wire.ChatEndpoint;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The REST calls, with the paths and field names of chat-be. Thread-safe; handlers block. */
public final class RestApi implements HttpEndpoint.Routes {
  private static final int MAX_FRIENDS_AT_ONCE = 100;

  /** Characters of texts after which an answer holds no more friends. */
  private static final int MAX_TEXTS_AT_ONCE = 256 * 1024;

  private final ChatEngine engine;
  private final Accounts accounts;
  private final ErasedAccounts erasedAccounts;
  private final Logins logins;
  private final BearerTokens bearerTokens;
  private final Contacts contacts;
  private final Blocks blocks;
  private final Conversations conversations;
  private final ChatEndpoint sockets;
  private final Supplier<Readiness> readiness;
  private final PrometheusMeterRegistry metrics;

  /**
   * Of what this node needs, what it has now.
   *
   * @param listening whether new WebSocket connections can come in
   */
  public record Readiness(boolean database, boolean router, boolean listening) {}

  /**
   * @param readiness may block for some seconds
   */
  public RestApi(
      ChatEngine engine,
      Accounts accounts,
      ErasedAccounts erasedAccounts,
      Logins logins,
      BearerTokens bearerTokens,
      Contacts contacts,
      Blocks blocks,
      Conversations conversations,
      ChatEndpoint sockets,
      Supplier<Readiness> readiness,
      PrometheusMeterRegistry metrics) {
    this.engine = engine;
    this.accounts = accounts;
    this.erasedAccounts = erasedAccounts;
    this.logins = logins;
    this.bearerTokens = bearerTokens;
    this.contacts = contacts;
    this.blocks = blocks;
    this.conversations = conversations;
    this.sockets = sockets;
    this.readiness = readiness;
    this.metrics = metrics;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("POST", "/v1/auth/register", this::register);
    http.route("POST", "/v1/auth/login", this::logIn);
    http.route("POST", "/v1/auth/token", this::refresh);
    http.route("DELETE", "/v1/auth/logout", this::logOut);
    http.route("POST", "/v1/auth/otp", this::ticket);
    http.route("DELETE", "/v1/account", this::erase);
    http.route("GET", "/v1/account/export", this::export);
    http.route("POST", "/v1/contact/add", this::addContact);
    http.route("DELETE", "/v1/contact/{username}", this::removeContact);
    http.route("GET", "/v1/contact", this::contacts);
    http.route("POST", "/v1/groups", this::createGroup);
    http.route("PUT", "/v1/groups/add", this::addMembers);
    http.route("PUT", "/v1/groups/remove", this::removeMembers);
    http.route("GET", "/v1/messages", this::allMessages);
    http.route("GET", "/v1/messages/friend", this::friendMessages);
    http.route("GET", "/v1/messages/group", this::groupMessages);
    http.route(
        "GET", "/healthz", request -> Response.json(200, JsonObjects.object().put("status", "ok")));
    http.route("GET", "/readyz", this::ready);
    http.route(
        "GET",
        "/metrics",
        request ->
            Response.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
  }

  private Account caller(Request request) {
    return accounts.requirePresent(bearerTokens.verify(request.bearer()).account());
  }

  private Response export(Request request) {
    Account caller = caller(request);
    return Response.stream(
        200,
        "application/jsonl",
        new AccountExport(engine.asApplication(), caller, contacts.of(caller)));
  }

  private Response erase(Request request) {
    Identity caller = bearerTokens.verify(request.bearer());
    accounts.requirePresent(caller.account());
    erasedAccounts.erase(caller, JsonObjects.optionalText(request.body(), "password").orElse(null));
    return Response.json(202, JsonObjects.object().put("message", "erasing"));
  }

  private Response register(Request request) throws IOException {
    ObjectNode body = request.body();
    Account account =
        accounts.register(
            JsonObjects.text(body, "username"),
            JsonObjects.text(body, "email"),
            JsonObjects.text(body, "password"));
    return Response.json(201, account(JsonObjects.object(), account));
  }

  /** What the owner sees of an account. */
  private static ObjectNode account(ObjectNode into, Account account) {
    return contact(into, account).put("email", account.email());
  }

  private Response logIn(Request request) throws IOException {
    ObjectNode body = request.body();
    Logins.Grant grant =
        logins.logIn(JsonObjects.text(body, "email"), JsonObjects.text(body, "password"));
    ObjectNode reply = JsonObjects.object().put("session_id", grant.identity().login().toString());
    grant(reply, grant);
    account(reply.putObject("user"), grant.identity().account());
    reply.put("otp", logins.ticket(grant.identity()).otp());
    return Response.json(201, reply);
  }

  private static ObjectNode grant(ObjectNode into, Logins.Grant grant) {
    return into.put("access_token", grant.access().value())
        .put("access_token_expires_at", JsonObjects.time(grant.access().expiresAt()))
        .put("refresh_token", grant.refreshToken())
        .put("refresh_token_expires_at", JsonObjects.time(grant.refreshExpiresAt()));
  }

  private Response refresh(Request request) throws IOException {
    return Response.json(
        201,
        grant(
            JsonObjects.object(),
            logins.refresh(JsonObjects.text(request.body(), "refresh_token"))));
  }

  private Response logOut(Request request) throws IOException {
    Identity identity = logins.logOut(JsonObjects.text(request.body(), "refresh_token"));
    sockets.loggedOut(identity.login());
    return Response.json(200, JsonObjects.object().put("message", "logged out"));
  }

  private Response ticket(Request request) {
    Logins.Ticket ticket = logins.ticket(bearerTokens.verify(request.bearer()));
    return Response.json(
        201,
        JsonObjects.object()
            .put("otp", ticket.otp())
            .put("expires_at", JsonObjects.time(ticket.expiresAt())));
  }

  private Response addContact(Request request) throws IOException {
    Account caller = caller(request);
    String friend = JsonObjects.text(request.body(), "friend_username");
    Contacts.Change added = blocks.addContact(caller, friend);
    sockets.contactsChanged(caller, added);
    return Response.json(
        201,
        contact(JsonObjects.object(), added.friend())
            .put("status", added.requested() ? "requested" : "contact"));
  }

  private Response removeContact(Request request) {
    Account caller = caller(request);
    sockets.contactsChanged(caller, contacts.remove(caller, request.inPath("username")));
    return Response.json(200, JsonObjects.object().put("message", "removed"));
  }

  /** What others see of an account: not its e-mail address. */
  private static ObjectNode contact(ObjectNode into, Account account) {
    return into.put("id", Long.toString(account.id())).put("username", account.username());
  }

  private Response contacts(Request request) {
    Account caller = caller(request);
    List<Account> friends = contacts.of(caller);
    Set<UserId> users = friends.stream().map(Account::userId).collect(Collectors.toSet());
    Map<UserId, Presence> presences =
        Conversations.presences(engine.asUser(caller.userId()), users).stream()
            .collect(Collectors.toMap(Presence::user, presence -> presence));
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("contacts");
    for (Account friend : friends) {
      ObjectNode contact = contact(array.addObject(), friend);
      Presence presence = presences.get(friend.userId());
      contact.put("online", presence != null && presence.online());
      contact.put(
          "last_seen_at",
          presence == null || presence.lastSeenAt() == null
              ? null
              : JsonObjects.time(presence.lastSeenAt()));
    }
    return Response.json(200, reply);
  }

  private Response createGroup(Request request) throws IOException {
    ObjectNode body = request.body();
    return Response.json(
        201,
        group(
            conversations.createGroup(
                caller(request),
                JsonObjects.text(body, "name"),
                JsonObjects.texts(body, "members"),
                GroupUpdates.history(body))));
  }

  private ObjectNode group(NamedGroup group) {
    ObjectNode shown =
        JsonObjects.object()
            .put("id", Long.toString(group.id()))
            .put("name", group.name())
            .put("conversation_id", group.conversation().toString())
            .put("created_at", JsonObjects.time(group.createdAt()))
            .put("updated_at", JsonObjects.time(group.updatedAt()));
    return WireJson.groupDetails(shown, conversations.details(group));
  }

  private Response addMembers(Request request) throws IOException {
    Account caller = caller(request);
    ObjectNode body = request.body();
    String name = JsonObjects.text(body, "name");
    NamedGroup group = conversations.groupOf(caller, name);
    conversations.addMembers(caller, group.conversation(), JsonObjects.texts(body, "members"));
    return Response.json(200, group(conversations.groupOf(caller, name)));
  }

  private Response removeMembers(Request request) throws IOException {
    Account caller = caller(request);
    ObjectNode body = request.body();
    List<String> removed = new ArrayList<>(JsonObjects.texts(body, "members"));
    JsonObjects.optionalText(body, "userto_remove").ifPresent(removed::add);
    NamedGroup group = conversations.groupOf(caller, JsonObjects.text(body, "name"));
    conversations.removeMembers(caller, group.conversation(), removed);
    return Response.json(200, group(conversations.groupOf(caller, group.name())));
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
    Account caller = caller(request);
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
    Account caller = caller(request);
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
    Account caller = caller(request);
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

  /** Without a router every node still serves: a balancer must not take all of them out. */
  private Response ready(Request request) {
    Readiness now = readiness.get();
    boolean ready = now.database() && now.listening();
    String status = !ready ? "unavailable" : now.router() ? "ready" : "degraded";
    return Response.json(
        ready ? 200 : 503,
        JsonObjects.object()
            .put("status", status)
            .put("database", now.database())
            .put("router", now.router())
            .put("listening", now.listening()));
  }
}
