package chat.server.http;

import chat.engine.protocol.JsonObjects;
import chat.server.accounts.login.BearerTokens;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.uri.QueryString;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** One HTTP request as the handlers see it. Confined to its thread. */
public final class Request {
  static final int MAX_BODY_BYTES = 256 * 1024;
  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]{0,18})");

  private final HttpFields headers;
  private final String clientAddress;
  private final Map<String, String> inPath;
  private final Map<String, String> query;
  private final byte[] body;

  /**
   * @param body empty for an upload; may be longer than what a handler takes
   */
  Request(
      HttpFields headers,
      String clientAddress,
      Map<String, String> inPath,
      @Nullable String query,
      byte[] body) {
    this.headers = headers;
    this.clientAddress = clientAddress;
    this.inPath = inPath;
    this.query = parameters(query);
    this.body = body;
  }

  private static Map<String, String> parameters(@Nullable String query) {
    try {
      return QueryString.parameters(query);
    } catch (IllegalArgumentException broken) {
      throw ApiException.badRequest("the query has a broken escape, or U+0000");
    }
  }

  /**
   * @throws ApiException {@code bad_request} for a body that is no JSON object, {@code too_large}
   */
  public ObjectNode body() {
    if (body.length > MAX_BODY_BYTES) {
      throw ApiException.of(ApiError.TOO_LARGE, "at most " + MAX_BODY_BYTES + " bytes, please");
    }
    try {
      return JsonObjects.parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (CharacterCodingException malformed) {
      throw ApiException.badRequest("the body is not UTF-8");
    }
  }

  /** How long the body is, if the client says so. */
  public OptionalLong announcedLength() {
    long length = headers.getLongField("Content-Length");
    return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
  }

  /** Where it came from, behind trusted proxies too, as a text without a name or a port. */
  public String clientAddress() {
    return clientAddress;
  }

  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name));
  }

  /** Whether the client has what this entity tag stands for already. */
  public boolean knows(String tag) {
    return header("If-None-Match").map(known -> !EntityTags.noneMatch(known, tag)).orElse(false);
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

  /**
   * @throws ApiException {@code bad_request} for what is no whole number, or one that is written
   *     otherwise than usual: {@code 0050} may be a mistake, and is no other spelling of 50
   */
  public Optional<Long> number(String name) {
    return parameter(name).map(text -> number("the parameter " + name, text));
  }

  /** The same in the path, where the route has this name in braces. */
  public long numberInPath(String name) {
    return number(name + " in the path", inPath(name));
  }

  private static long number(String what, String text) {
    try {
      if (WHOLE.matcher(text).matches()) {
        return Long.parseLong(text);
      }
    } catch (NumberFormatException tooLarge) {
      // said below
    }
    throw ApiException.badRequest(what + " must be a whole number such as 50");
  }

  /**
   * @throws ApiException {@code bad_request} for anything but {@code true} and {@code false}
   */
  public boolean flag(String name) {
    return switch (parameter(name).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw ApiException.badRequest("the parameter " + name + " must be true or false");
    };
  }

  /**
   * @throws ApiException {@code unauthorized} if there is none
   */
  public String bearer() {
    return BearerTokens.inHeader(headers.get("Authorization"))
        .orElseThrow(
            () ->
                ApiException.unauthorized("an access token is needed: Authorization: Bearer ..."));
  }
}
