package chat.server.rest;

import chat.engine.ChatEngine;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.ErasedAccounts;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.Logins;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import chat.server.wire.ChatEndpoint;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** Registration, logins and tickets, and the export and the end of an account. Thread-safe. */
public final class AccountRoutes implements HttpEndpoint.Routes {
  private final ChatEngine engine;
  private final Callers callers;
  private final Accounts accounts;
  private final ErasedAccounts erasedAccounts;
  private final Logins logins;
  private final Function<Account, List<ObjectNode>> stored;
  private final ChatEndpoint sockets;
  private final SecurityEvents events;

  public AccountRoutes(
      ChatEngine engine,
      Callers callers,
      Accounts accounts,
      ErasedAccounts erasedAccounts,
      Logins logins,
      Function<Account, List<ObjectNode>> stored,
      ChatEndpoint sockets,
      SecurityEvents events) {
    this.engine = engine;
    this.callers = callers;
    this.accounts = accounts;
    this.erasedAccounts = erasedAccounts;
    this.logins = logins;
    this.stored = stored;
    this.sockets = sockets;
    this.events = events;
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
  }

  private Response register(Request request) throws IOException {
    ObjectNode body = request.body();
    Account account =
        accounts.register(
            JsonObjects.text(body, "username"),
            JsonObjects.text(body, "email"),
            JsonObjects.text(body, "password"));
    return Response.json(201, AccountJson.own(JsonObjects.object(), account));
  }

  private Response logIn(Request request) throws IOException {
    ObjectNode body = request.body();
    Logins.Grant grant =
        logins.logIn(
            JsonObjects.text(body, "email"),
            JsonObjects.text(body, "password"),
            request.clientAddress(),
            request.header("User-Agent").orElse(null));
    ObjectNode reply = JsonObjects.object().put("session_id", grant.identity().login().toString());
    grant(reply, grant);
    AccountJson.own(reply.putObject("user"), grant.identity().account());
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
            logins.refresh(
                JsonObjects.text(request.body(), "refresh_token"),
                () ->
                    events.happened(SecurityEvent.REFRESH_TOKEN_REUSED, request.clientAddress()))));
  }

  private Response logOut(Request request) throws IOException {
    Identity identity = logins.logOut(JsonObjects.text(request.body(), "refresh_token"));
    sockets.loggedOut(identity.login());
    return Response.json(200, JsonObjects.object().put("message", "logged out"));
  }

  private Response ticket(Request request) {
    Logins.Ticket ticket = logins.ticket(callers.identity(request));
    return Response.json(
        201,
        JsonObjects.object()
            .put("otp", ticket.otp())
            .put("expires_at", JsonObjects.time(ticket.expiresAt())));
  }

  private Response export(Request request) {
    Account caller = callers.of(request);
    return Response.stream(
        200,
        "application/jsonl",
        -1,
        new AccountExport(engine.asApplication(), caller.userId(), stored.apply(caller)));
  }

  private Response erase(Request request) {
    Account caller = callers.of(request);
    erasedAccounts.erase(
        caller,
        JsonObjects.optionalText(request.body(), "password").orElse(null),
        request.clientAddress());
    return Response.json(202, JsonObjects.object().put("message", "erasing"));
  }
}
