package chat.server.admin;

import chat.engine.ConversationId;
import chat.engine.ReportId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Pages;
import chat.server.accounts.Account;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.rest.Callers;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import java.time.Instant;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@link Administration} over REST, for the access tokens of administrators. Why somebody does
 * something is the parameter {@code reason} of every call, but for the two whose bodies have it.
 * Thread-safe.
 */
public final class AdminRoutes implements HttpEndpoint.Routes {
  private static final String USERS = "/v1/admin/users";
  private static final String USER = USERS + "/{username}";
  private static final String CONVERSATION = "/v1/admin/conversations/{id}";
  private static final String ANNOUNCEMENTS = "/v1/admin/announcements";
  private static final String RETENTION = "/v1/admin/retention";
  private static final long LIMIT = 100;

  private final Callers callers;
  private final Administration administration;
  private final SecurityEvents events;

  public AdminRoutes(Callers callers, Administration administration, SecurityEvents events) {
    this.callers = callers;
    this.administration = administration;
    this.events = events;
  }

  /** Answers a call of an administrator. */
  private interface Action {
    Response handle(Operator who, Request request);
  }

  @Override
  public void addTo(HttpEndpoint http) {
    route(http, "GET", USERS, this::users);
    route(http, "GET", USER, json((who, name) -> administration.user(who, name)));
    route(
        http,
        "PUT",
        USER + "/administrator",
        json((who, name) -> administration.makeAdministrator(who, name)));
    route(
        http,
        "DELETE",
        USER + "/administrator",
        json((who, name) -> administration.unmakeAdministrator(who, name)));
    route(http, "PUT", USER + "/suspension", this::suspend);
    route(
        http,
        "DELETE",
        USER + "/suspension",
        json((who, name) -> administration.liftSuspension(who, name)));
    route(http, "PUT", USER + "/password", this::resetPassword);
    route(
        http, "DELETE", USER + "/logins", json((who, name) -> administration.endLogins(who, name)));
    route(http, "DELETE", USER, this::deleteUser);
    route(http, "GET", USER + "/export", this::export);
    route(http, "GET", "/v1/admin/groups", this::groups);
    route(http, "GET", CONVERSATION, this::conversation);
    route(http, "DELETE", CONVERSATION, this::deleteConversation);
    route(http, "GET", CONVERSATION + "/messages", this::messages);
    route(http, "DELETE", CONVERSATION + "/messages/{seq}", this::deleteMessage);
    route(http, "GET", CONVERSATION + "/retention", this::retention);
    route(http, "PUT", CONVERSATION + "/retention", this::setRetention);
    route(http, "GET", RETENTION, this::generalRetention);
    route(http, "PUT", RETENTION, this::setGeneralRetention);
    route(http, "GET", "/v1/admin/reports", this::reports);
    route(http, "PUT", "/v1/admin/reports/{id}", this::decideReport);
    route(http, "GET", ANNOUNCEMENTS, this::announcements);
    route(http, "POST", ANNOUNCEMENTS, this::announce);
    route(http, "DELETE", ANNOUNCEMENTS + "/{id}", this::withdrawAnnouncement);
    route(http, "GET", "/v1/admin/connections", this::connections);
    route(http, "GET", "/v1/admin/audit", this::audit);
    route(http, "GET", "/v1/admin/dead-letters", this::deadLetters);
    route(http, "POST", "/v1/admin/webhooks/{name}/replay", this::replayWebhook);
  }

  private void route(HttpEndpoint http, String method, String path, Action action) {
    http.route(
        method, path, request -> action.handle(operator(request, method + " " + path), request));
  }

  private Operator operator(Request request, String call) {
    Account caller = callers.of(request);
    try {
      return administration.require(
          caller, request.clientAddress(), call, request.parameter("reason").orElse(null));
    } catch (ApiException refusal) {
      if (refusal.error() == ApiError.FORBIDDEN) {
        events.happened(SecurityEvent.ADMIN_REFUSED, request.clientAddress());
      }
      throw refusal;
    }
  }

  /** An action on the user in the path that answers with JSON. */
  private interface OnUser {
    ObjectNode act(Operator who, String username);
  }

  private static Action json(OnUser action) {
    return (who, request) -> Response.json(200, action.act(who, request.inPath("username")));
  }

  private static long limit(Request request) {
    return request.number("limit").orElse(LIMIT);
  }

  private static String text(Request request, String parameter) {
    return request.parameter(parameter).orElse("");
  }

  private static Response done() {
    return Response.json(200, JsonObjects.object().put("message", "done"));
  }

  private Response users(Operator who, Request request) {
    return Response.json(
        200,
        administration.users(who, text(request, "prefix"), text(request, "after"), limit(request)));
  }

  private Response suspend(Operator who, Request request) {
    ObjectNode body = request.body();
    return Response.json(
        200,
        administration.suspend(
            who.because(JsonObjects.text(body, "reason")),
            request.inPath("username"),
            JsonObjects.optionalTime(body, "until").orElse(null)));
  }

  private Response resetPassword(Operator who, Request request) {
    return Response.json(
        200,
        administration.resetPassword(
            who,
            request.inPath("username"),
            JsonObjects.optionalText(request.body(), "password").orElse(null)));
  }

  private Response deleteUser(Operator who, Request request) {
    administration.deleteUser(who, request.inPath("username"));
    return Response.json(202, JsonObjects.object().put("message", "erasing"));
  }

  private Response export(Operator who, Request request) {
    return Response.stream(
        200, "application/jsonl", -1, administration.export(who, request.inPath("username")));
  }

  private Response groups(Operator who, Request request) {
    return Response.json(
        200,
        administration.groups(
            who, text(request, "prefix"), text(request, "after"), limit(request)));
  }

  private static ConversationId id(Request request) {
    return ConversationId.parse(request.inPath("id"));
  }

  private Response conversation(Operator who, Request request) {
    return Response.json(
        200, administration.conversation(who, id(request), text(request, "after"), limit(request)));
  }

  private Response deleteConversation(Operator who, Request request) {
    administration.deleteConversation(who, id(request));
    return done();
  }

  private Response messages(Operator who, Request request) {
    return Response.json(
        200,
        administration.messages(
            who,
            id(request),
            Pages.query(
                request.number("before"), request.number("after"), request.number("limit"))));
  }

  private Response deleteMessage(Operator who, Request request) {
    administration.deleteMessage(who, id(request), request.numberInPath("seq"));
    return done();
  }

  private Response retention(Operator who, Request request) {
    return Response.json(200, administration.retention(who, id(request)));
  }

  private Response setRetention(Operator who, Request request) {
    return Response.json(
        200,
        administration.setRetention(
            who, id(request), JsonObjects.optionalInteger(request.body(), "days").orElse(null)));
  }

  private Response generalRetention(Operator who, Request request) {
    return Response.json(200, administration.generalRetention(who));
  }

  private Response setGeneralRetention(Operator who, Request request) {
    ObjectNode body = request.body();
    return Response.json(
        200,
        administration.setGeneralRetention(
            who.because(JsonObjects.text(body, "reason")),
            JsonObjects.optionalInteger(body, "days").orElse(null)));
  }

  private Response reports(Operator who, Request request) {
    return Response.json(
        200,
        administration.reports(who, request.flag("open"), request.number("after"), limit(request)));
  }

  private Response decideReport(Operator who, Request request) {
    ObjectNode body = request.body();
    return Response.json(
        200,
        administration.decideReport(
            who,
            ReportId.parse(request.inPath("id")),
            JsonObjects.text(body, "decision"),
            JsonObjects.optionalText(body, "note").orElse(null)));
  }

  private Response announcements(Operator who, Request request) {
    return Response.json(
        200, administration.announcements(who, request.number("before"), limit(request)));
  }

  private Response announce(Operator who, Request request) {
    ObjectNode body = request.body();
    return Response.json(
        201,
        administration.announce(
            who.because(JsonObjects.text(body, "reason")),
            JsonObjects.text(body, "text"),
            JsonObjects.optionalText(body, "kind").orElse(null),
            JsonObjects.optionalTime(body, "until").orElse(null)));
  }

  private Response withdrawAnnouncement(Operator who, Request request) {
    return Response.json(200, administration.withdrawAnnouncement(who, request.numberInPath("id")));
  }

  private Response connections(Operator who, Request request) {
    return Response.json(
        200, administration.connections(who, request.parameter("username").orElse(null)));
  }

  private Response deadLetters(Operator who, Request request) {
    return Response.json(
        200, administration.deadLetters(who, request.number("before"), limit(request)));
  }

  private Response replayWebhook(Operator who, Request request) {
    Instant since =
        JsonObjects.optionalTime(request.body(), "since")
            .orElseThrow(() -> ApiException.badRequest("since is missing"));
    return Response.json(202, administration.replayWebhook(who, request.inPath("name"), since));
  }

  private Response audit(Operator who, Request request) {
    return Response.json(200, administration.audit(request.number("before"), limit(request)));
  }
}
