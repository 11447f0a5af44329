package chat.server.push;

import chat.engine.DeviceId;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.login.Identity;
import chat.server.http.HttpEndpoint;
import chat.server.http.Request;
import chat.server.http.Response;
import chat.server.json.ApiException;
import chat.server.push.device.PushDevices;
import chat.server.push.device.PushDevices.Registration;
import chat.server.rest.Callers;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The calls with which devices are registered. Thread-safe; handlers block. */
public final class PushRoutes implements HttpEndpoint.Routes {
  private final Callers callers;
  private final PushDevices devices;
  private final Map<String, PushSender> senders;
  private final String publicKey;
  private final Runnable opening;

  /**
   * @param senders by their kind
   * @param publicKey what browsers subscribe with
   * @param opening called before a device is registered: from then on no message is missed
   */
  public PushRoutes(
      Callers callers,
      PushDevices devices,
      Map<String, PushSender> senders,
      String publicKey,
      Runnable opening) {
    this.callers = callers;
    this.devices = devices;
    this.senders = senders;
    this.publicKey = publicKey;
    this.opening = opening;
  }

  @Override
  public void addTo(HttpEndpoint http) {
    http.route("POST", "/v1/devices", this::register);
    http.route("DELETE", "/v1/devices/{device}", this::remove);
    http.route("GET", "/v1/push/key", this::key);
  }

  private Identity caller(Request request) {
    Identity caller = callers.identity(request);
    return caller;
  }

  private Response register(Request request) {
    Identity caller = caller(request);
    ObjectNode body = request.body();
    String device = DeviceId.of(JsonObjects.text(body, "device")).value();
    String kind = JsonObjects.text(body, "kind");
    PushSender sender =
        Optional.ofNullable(senders.get(kind))
            .orElseThrow(
                () ->
                    ApiException.badRequest(
                        "kind must be one of "
                            + String.join(", ", new TreeSet<>(senders.keySet()))));
    JsonNode token = body.path("token");
    if (token.isMissingNode() || token.isNull()) {
      throw ApiException.badRequest("token is missing");
    }
    boolean hides = body.hasNonNull("hide_content") && JsonObjects.flag(body, "hide_content");
    String accepted = accepted(sender, token);
    opening.run();
    devices.register(caller, new Registration(device, kind, accepted, hides));
    return Response.json(
        201,
        JsonObjects.object().put("device", device).put("kind", kind).put("hide_content", hides));
  }

  private static String accepted(PushSender sender, JsonNode token) {
    try {
      return sender.accept(token);
    } catch (IllegalArgumentException refusal) {
      throw ApiException.badRequest("token: " + refusal.getMessage());
    }
  }

  private Response remove(Request request) {
    devices.remove(caller(request).account().id(), request.inPath("device"));
    return Response.json(200, JsonObjects.object().put("message", "removed"));
  }

  private Response key(Request request) {
    return Response.json(200, JsonObjects.object().put("public_key", publicKey));
  }
}
