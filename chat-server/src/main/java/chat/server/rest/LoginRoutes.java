package chat.server.rest;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Accounts;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.LoginList;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiException;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where the caller is logged in, and the caller's password. Thread-safe. */
public final class LoginRoutes implements HttpEndpoint.Routes {
  private final Callers callers;
  private final Accounts accounts;
  private final LoginList list;

  public LoginRoutes(Callers callers, Accounts accounts, LoginList list) {
    this.callers = callers;
    this.accounts = accounts;
    this.list = list;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("PUT", "/v1/auth/password", this::changePassword);
    http.route("GET", "/v1/auth/logins", this::logins);
    http.route("DELETE", "/v1/auth/logins/{id}", this::end);
  }

  private Response changePassword(Request request) {
    Identity caller = callers.identity(request);
    ObjectNode body = request.body();
    accounts.changePassword(
        caller.account(),
        JsonObjects.text(body, "old_password"),
        JsonObjects.text(body, "new_password"),
        request.clientAddress());
    int ended = list.endOthers(caller);
    return Response.json(200, JsonObjects.object().put("logins_ended", ended));
  }

  private Response logins(Request request) {
    Identity caller = callers.identity(request);
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("logins");
    for (LoginList.Entry login : list.of(caller.account())) {
      array.add(login.json().put("current", login.login().equals(caller.login())));
    }
    return Response.json(200, reply);
  }

  private Response end(Request request) {
    Identity caller = callers.identity(request);
    UUID login;
    try {
      login = UUID.fromString(request.inPath("id"));
    } catch (IllegalArgumentException none) {
      throw ApiException.badRequest("the id of a login is a UUID");
    }
    list.end(caller.account(), login);
    return Response.json(200, JsonObjects.object().put("message", "logged out"));
  }
}
