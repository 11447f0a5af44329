package chat.server.webhooks;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.SendAck;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiException;
import chat.server.rest.Callers;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes, lists and ends incoming webhooks, and takes what is posted to them. */
public final class WebhookRoutes implements HttpEndpoint.Routes {
  private static final String PATH = "/v1/incoming-webhooks";

  /** Fields of a send that are not for webhooks. To ignore them would lose what they say. */
  private static final List<String> NOT_TAKEN =
      List.of("attachments", "mentions", "reply_to", "forward_of", "attributes");

  private final Callers callers;
  private final IncomingWebhooks webhooks;

  public WebhookRoutes(Callers callers, IncomingWebhooks webhooks) {
    this.callers = callers;
    this.webhooks = webhooks;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("POST", PATH, this::create);
    http.route("GET", PATH, this::list);
    http.route("DELETE", PATH + "/{webhook_id}", this::delete);
    http.route("POST", "/v1/hooks/{secret}", this::post);
  }

  private Response create(Request request) {
    Account caller = callers.of(request);
    ObjectNode body = request.body();
    IncomingWebhooks.Created created =
        webhooks.create(
            caller,
            JsonObjects.of(
                "conversation_id",
                () -> ConversationId.parse(JsonObjects.text(body, "conversation_id"))),
            JsonObjects.text(body, "name"),
            request.clientAddress());
    return Response.json(
        201,
        created
            .webhook()
            .json()
            .put("secret", created.secret())
            .put("path", "/v1/hooks/" + created.secret()));
  }

  private Response list(Request request) {
    Account caller = callers.of(request);
    String group = request.requiredParameter("conversation_id");
    ObjectNode reply = JsonObjects.object();
    ArrayNode list = reply.putArray("webhooks");
    webhooks
        .list(caller, JsonObjects.of("conversation_id", () -> ConversationId.parse(group)))
        .forEach(webhook -> list.add(webhook.json()));
    return Response.json(200, reply);
  }

  private Response delete(Request request) {
    Account caller = callers.of(request);
    webhooks.delete(caller, request.numberInPath("webhook_id"));
    return Response.json(200, JsonObjects.object().put("message", "deleted"));
  }

  private Response post(Request request) {
    ObjectNode body = request.body();
    for (String field : NOT_TAKEN) {
      if (body.hasNonNull(field)) {
        throw ApiException.badRequest(
            field + " cannot be posted here: an incoming webhook posts text alone");
      }
    }
    String id =
        JsonObjects.optionalText(body, "client_message_id")
            .orElseGet(() -> UUID.randomUUID().toString());
    SendAck ack =
        webhooks.post(
            request.inPath("secret"),
            JsonObjects.text(body, "text"),
            ClientMessageId.of(id),
            request.clientAddress());
    return Response.json(
        201,
        JsonObjects.object()
            .put("message_id", ack.messageId().toString())
            .put("seq", ack.seq())
            .put("duplicate", ack.duplicate()));
  }
}
