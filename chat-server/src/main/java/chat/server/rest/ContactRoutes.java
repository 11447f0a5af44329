package chat.server.rest;

import chat.engine.ChatEngine;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.wire.ChatEndpoint;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Contacts: add, remove, list with presence. Thread-safe. */
public final class ContactRoutes implements HttpEndpoint.Routes {
  private final ChatEngine engine;
  private final Callers callers;
  private final Contacts contacts;
  private final Blocks blocks;
  private final ChatEndpoint sockets;

  public ContactRoutes(
      ChatEngine engine, Callers callers, Contacts contacts, Blocks blocks, ChatEndpoint sockets) {
    this.engine = engine;
    this.callers = callers;
    this.contacts = contacts;
    this.blocks = blocks;
    this.sockets = sockets;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("POST", "/v1/contact/add", this::addContact);
    http.route("DELETE", "/v1/contact/{username}", this::removeContact);
    http.route("GET", "/v1/contact", this::contacts);
  }

  private Response addContact(Request request) throws IOException {
    Account caller = callers.of(request);
    String friend = JsonObjects.text(request.body(), "friend_username");
    Contacts.Change added = blocks.addContact(caller, friend);
    sockets.contactsChanged(caller, added);
    return Response.json(
        201,
        AccountJson.other(JsonObjects.object(), added.friend())
            .put("status", added.requested() ? "requested" : "contact"));
  }

  private Response removeContact(Request request) {
    Account caller = callers.of(request);
    sockets.contactsChanged(caller, contacts.remove(caller, request.inPath("username")));
    return Response.json(200, JsonObjects.object().put("message", "removed"));
  }

  private Response contacts(Request request) {
    Account caller = callers.of(request);
    List<Account> friends = contacts.of(caller);
    Set<UserId> users = friends.stream().map(Account::userId).collect(Collectors.toSet());
    Map<UserId, Presence> presences =
        Conversations.presences(engine.asUser(caller.userId()), users).stream()
            .collect(Collectors.toMap(Presence::user, presence -> presence));
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("contacts");
    for (Account friend : friends) {
      ObjectNode contact = AccountJson.other(array.addObject(), friend);
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
}
