package chat.server.json;

import chat.engine.ChatException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A refusal that a client gets to see: its message tells nothing of the inside. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1;
  private static final int MAX_MESSAGE = 200;

  private final ApiError error;
  private final transient @Nullable Duration retryAfter;
  private final transient Map<String, String> details;

  private ApiException(
      ApiError error, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
    this(error, message, retryAfter, cause, Map.of());
  }

  private ApiException(
      ApiError error,
      String message,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause,
      Map<String, String> details) {
    super(shortened(message), cause, false, false);
    this.error = error;
    this.retryAfter = retryAfter;
    this.details = details;
  }

  /** The same with one more field beside code and message, for programs. */
  public ApiException with(String field, String value) {
    Map<String, String> more = new LinkedHashMap<>(details);
    more.put(field, value);
    return new ApiException(error, String.valueOf(getMessage()), retryAfter, getCause(), more);
  }

  /** What a client sent may be in a message, and may be long. */
  private static String shortened(String message) {
    if (message.length() <= MAX_MESSAGE) {
      return message;
    }
    boolean splits = Character.isHighSurrogate(message.charAt(MAX_MESSAGE - 1));
    return message.substring(0, splits ? MAX_MESSAGE - 1 : MAX_MESSAGE) + "...";
  }

  public static ApiException of(ApiError error, String message) {
    return new ApiException(error, message, null, null);
  }

  public static ApiException badRequest(String message) {
    return of(ApiError.BAD_REQUEST, message);
  }

  public static ApiException unauthorized(String message) {
    return of(ApiError.UNAUTHORIZED, message);
  }

  public static ApiException rateLimited(Duration retryAfter) {
    return new ApiException(ApiError.RATE_LIMITED, "too many requests", retryAfter, null);
  }

  public static ApiException busy() {
    return new ApiException(
        ApiError.BUSY, "the server has too much to do", Duration.ofSeconds(1), null);
  }

  /**
   * What a client is told of any fault: refusals as they are, a database that is away as {@code
   * unavailable}, a text that no database takes as {@code bad_request}, everything else as {@code
   * internal}.
   */
  public static ApiException from(Throwable fault) {
    Throwable cause = fault;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof ApiException refusal) {
      return refusal;
    }
    if (cause instanceof ChatException refusal) {
      return new ApiException(
          ApiError.of(refusal.code()),
          String.valueOf(refusal.getMessage()),
          refusal.retryAfter().orElse(null),
          refusal.getCause());
    }
    if (DatabaseFaults.isUnavailable(cause)) {
      return new ApiException(ApiError.UNAVAILABLE, DatabaseFaults.AWAY_NOW, null, cause);
    }
    if (DatabaseFaults.isUnstorableText(cause)) {
      return new ApiException(
          ApiError.BAD_REQUEST, "a text must not have the character U+0000", null, cause);
    }
    return new ApiException(ApiError.INTERNAL, "internal error", null, cause);
  }

  public ApiError error() {
    return error;
  }

  /** Fields of the error beside code and message, in their order; most have none. */
  public Map<String, String> details() {
    return details;
  }

  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
