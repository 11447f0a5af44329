package chat.server.http;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.BearerTokens;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.uri.ClientAddresses;
import chat.server.uri.QueryString;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One HTTP request as the handlers see it. Confined to its thread. */
public final class Request {
  static final int MAX_BODY_BYTES = 256 * 1024;

  private final HttpExchange exchange;
  private final String clientAddress;
  private final Map<String, String> inPath;
  private final Map<String, String> query;

  Request(HttpExchange exchange, String route, String path, ClientAddresses addresses) {
    this.exchange = exchange;
    this.clientAddress =
        addresses.of(
            exchange.getRemoteAddress().getAddress(),
            exchange.getRequestHeaders().getFirst("X-Forwarded-For"));
    this.inPath = PathVariables.of(route, path);
    this.query = parameters(exchange.getRequestURI().getRawQuery());
  }

  private static Map<String, String> parameters(@Nullable String query) {
    try {
      return QueryString.parameters(query);
    } catch (IllegalArgumentException broken) {
      throw ApiException.badRequest("the query has a broken escape, or U+0000");
    }
  }

  /**
   * @throws ApiException {@code bad_request} for a body that is no JSON object or did not arrive,
   *     {@code too_large}
   */
  public ObjectNode body() {
    byte[] bytes;
    try {
      bytes = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    } catch (IOException broken) {
      throw ApiException.badRequest("the body did not arrive as announced");
    }
    if (bytes.length > MAX_BODY_BYTES) {
      throw ApiException.of(ApiError.TOO_LARGE, "at most " + MAX_BODY_BYTES + " bytes, please");
    }
    try {
      return JsonObjects.parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException malformed) {
      throw ApiException.badRequest("the body is not UTF-8");
    }
  }

  public Optional<String> parameter(String name) {
    return Optional.ofNullable(query.get(name));
  }

  public String requiredParameter(String name) {
    return parameter(name)
        .orElseThrow(() -> ApiException.badRequest("the parameter " + name + " is missing"));
  }

  /**
   * What stands in the path where the route has this name in braces.
   *
   * @throws ApiException {@code bad_request} for U+0000
   */
  public String inPath(String name) {
    String segment = Objects.requireNonNull(inPath.get(name), name);
    if (segment.indexOf('\0') >= 0) {
      throw ApiException.badRequest("the path has U+0000");
    }
    return segment;
  }

  /** A header, if it is there; of one given twice, the first. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** Where it came from, behind trusted proxies too, as a text without a name or a port. */
  public String clientAddress() {
    return clientAddress;
  }

  public Optional<Long> number(String name) {
    try {
      return parameter(name).map(Long::valueOf);
    } catch (NumberFormatException wrong) {
      throw ApiException.badRequest("the parameter " + name + " must be a whole number");
    }
  }

  /**
   * @throws ApiException {@code unauthorized} if there is none
   */
  public String bearer() {
    return BearerTokens.inHeader(exchange.getRequestHeaders().getFirst("Authorization"))
        .orElseThrow(
            () ->
                ApiException.unauthorized("an access token is needed: Authorization: Bearer ..."));
  }
}
