package chat.server.push.browser;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What {@code PushManager.subscribe} gives a page: where its push service is, and the keys of the
 * browser (RFC 8291). Immutable.
 *
 * @param publicKey an uncompressed point of P-256
 * @param secret for the authentication of messages
 */
record WebPushSubscription(URI endpoint, byte[] publicKey, byte[] secret) {
  private static final int LONGEST_ENDPOINT = 2_000;
  private static final int POINT_BYTES = 65;
  private static final int SECRET_BYTES = 16;

  /**
   * @param token {@code {endpoint, keys: {p256dh, auth}}}, or that as a text
   * @throws IllegalArgumentException with a sentence for the client
   */
  static WebPushSubscription read(JsonNode token) {
    ObjectNode json = object(token);
    String endpoint;
    String key;
    String secret;
    try {
      endpoint = JsonObjects.text(json, "endpoint");
      ObjectNode keys = JsonObjects.optionalObject(json, "keys").orElseGet(JsonObjects::object);
      key = JsonObjects.text(keys, "p256dh");
      secret = JsonObjects.text(keys, "auth");
    } catch (ChatException refusal) {
      throw new IllegalArgumentException(refusal.getMessage(), refusal);
    }
    if (endpoint.length() > LONGEST_ENDPOINT) {
      throw new IllegalArgumentException(
          "endpoint must have at most " + LONGEST_ENDPOINT + " characters");
    }
    return new WebPushSubscription(
        address(endpoint), bytes("p256dh", key, POINT_BYTES), bytes("auth", secret, SECRET_BYTES));
  }

  private static ObjectNode object(JsonNode token) {
    try {
      if (token.isString()) {
        return JsonObjects.parse(token.asString());
      }
    } catch (ChatException broken) {
      throw new IllegalArgumentException("it is no JSON object", broken);
    }
    if (token instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException("it is no JSON object");
  }

  private static URI address(String endpoint) {
    try {
      return new URI(endpoint);
    } catch (URISyntaxException broken) {
      throw new IllegalArgumentException("endpoint is no address", broken);
    }
  }

  private static byte[] bytes(String field, String text, int length) {
    try {
      // browsers leave the padding out, libraries may not
      byte[] bytes = Base64.getUrlDecoder().decode(text.replace('+', '-').replace('/', '_'));
      if (bytes.length == length) {
        return bytes;
      }
    } catch (IllegalArgumentException broken) {
      // is said below
    }
    throw new IllegalArgumentException(field + " must be " + length + " bytes in Base64");
  }

  /** As it is kept; {@link #read} takes it. */
  String stored() {
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    ObjectNode json = JsonObjects.object().put("endpoint", endpoint.toString());
    json.putObject("keys")
        .put("p256dh", base64.encodeToString(publicKey))
        .put("auth", base64.encodeToString(secret));
    return json.toString();
  }
}
