package chat.engine;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of the engine: a code for programs, and a sentence for people that names the
 * wrong value and what would be right. The sentence holds no message text and no secret, so that it
 * may be shown to a client. Futures of the API fail with it (wrapped in a {@code
 * CompletionException} by {@code join} and by dependent futures, as usual).
 */
public final class ChatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ErrorCode code;
  private final boolean inDoubt;
  private final transient @Nullable Duration retryAfter;

  private ChatException(
      ErrorCode code,
      String message,
      boolean inDoubt,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    // A refusal is an answer, not a fault: without a cause its stack trace would cost more than the
    // call.
    super(message, cause, false, cause != null);
    this.code = Objects.requireNonNull(code);
    this.inDoubt = inDoubt;
    this.retryAfter = retryAfter;
  }

  public static ChatException of(ErrorCode code, String message) {
    return new ChatException(code, message, false, null, null);
  }

  public static ChatException badRequest(String message) {
    return of(ErrorCode.BAD_REQUEST, message);
  }

  public static ChatException forbidden(String message) {
    return of(ErrorCode.FORBIDDEN, message);
  }

  public static ChatException notFound(String message) {
    return of(ErrorCode.NOT_FOUND, message);
  }

  public static ChatException conflict(String message) {
    return of(ErrorCode.CONFLICT, message);
  }

  public static ChatException tooLarge(String message) {
    return of(ErrorCode.TOO_LARGE, message);
  }

  /** Nothing was done: the caller did this too often, and may retry after the given time. */
  public static ChatException rateLimited(String message, Duration retryAfter) {
    return new ChatException(ErrorCode.RATE_LIMITED, message, false, retryAfter, null);
  }

  /** Nothing was done; the caller may retry after the given time. */
  public static ChatException busy(String message, Duration retryAfter) {
    return new ChatException(ErrorCode.BUSY, message, false, retryAfter, null);
  }

  /** Nothing was done, because something necessary cannot be reached. */
  public static ChatException unavailable(String message, @Nullable Throwable cause) {
    return new ChatException(ErrorCode.UNAVAILABLE, message, false, null, cause);
  }

  /** Whether it was done is not known; only a retry with the same client message id tells. */
  public static ChatException inDoubt(String message, @Nullable Throwable cause) {
    return new ChatException(ErrorCode.UNAVAILABLE, message, true, null, cause);
  }

  public static ChatException internal(String message, Throwable cause) {
    return new ChatException(ErrorCode.INTERNAL, message, false, null, cause);
  }

  public ErrorCode code() {
    return code;
  }

  /**
   * Whether the refused send may have been stored all the same. False is a promise that it was not.
   * Only ever true with {@link ErrorCode#UNAVAILABLE}; retry with the same {@link ClientMessageId}
   * to learn the truth.
   */
  public boolean inDoubt() {
    return inDoubt;
  }

  /** When a retry makes sense, if the engine can tell. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }
}
