package chat.server.rest;

import chat.engine.protocol.GroupUpdates;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.conversations.Conversations;
import chat.server.conversations.GroupNames.NamedGroup;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** Groups by name: create, add and remove members. Thread-safe. */
public final class GroupRoutes implements HttpEndpoint.Routes {
  private final Callers callers;
  private final Conversations conversations;

  public GroupRoutes(Callers callers, Conversations conversations) {
    this.callers = callers;
    this.conversations = conversations;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("POST", "/v1/groups", this::createGroup);
    http.route("PUT", "/v1/groups/add", this::addMembers);
    http.route("PUT", "/v1/groups/remove", this::removeMembers);
  }

  private Response createGroup(Request request) throws IOException {
    ObjectNode body = request.body();
    return Response.json(
        201,
        group(
            conversations.createGroup(
                callers.of(request),
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
    Account caller = callers.of(request);
    ObjectNode body = request.body();
    String name = JsonObjects.text(body, "name");
    NamedGroup group = conversations.groupOf(caller, name);
    conversations.addMembers(caller, group.conversation(), JsonObjects.texts(body, "members"));
    return Response.json(200, group(conversations.groupOf(caller, name)));
  }

  private Response removeMembers(Request request) throws IOException {
    Account caller = callers.of(request);
    ObjectNode body = request.body();
    List<String> removed = new ArrayList<>(JsonObjects.texts(body, "members"));
    JsonObjects.optionalText(body, "userto_remove").ifPresent(removed::add);
    NamedGroup group = conversations.groupOf(caller, JsonObjects.text(body, "name"));
    conversations.removeMembers(caller, group.conversation(), removed);
    return Response.json(200, group(conversations.groupOf(caller, group.name())));
  }
}
