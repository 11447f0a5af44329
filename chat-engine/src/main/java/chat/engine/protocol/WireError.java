package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told of a request that failed. Its message tells nothing of the inside.
 *
 * @param code one of the codes that the protocol's description lists
 * @param message for people; at most 200 characters, longer ones are shortened
 * @param retryAfter when a retry is worth while, or null
 */
public record WireError(String code, String message, @Nullable Duration retryAfter) {
  private static final int MAX_MESSAGE = 200;
  static final String INTERNAL = ErrorCode.INTERNAL.wireName();

  public WireError {
    message = shortened(message);
  }

  /** What a client sent may be in a message, and may be long. */
  private static String shortened(String message) {
    if (message.length() <= MAX_MESSAGE) {
      return message;
    }
    boolean splits = Character.isHighSurrogate(message.charAt(MAX_MESSAGE - 1));
    return message.substring(0, splits ? MAX_MESSAGE - 1 : MAX_MESSAGE) + "...";
  }

  static WireError unknownType(String type) {
    return new WireError("unknown_type", "there is no request of type " + type, null);
  }

  /** Refusals of the engine as they are, everything else as {@code internal}. */
  public static WireError of(Throwable fault) {
    Throwable cause = unwrapped(fault);
    if (cause instanceof ChatException refusal) {
      return new WireError(
          refusal.code().wireName(),
          String.valueOf(refusal.getMessage()),
          refusal.retryAfter().orElse(null));
    }
    return new WireError(INTERNAL, "internal error", null);
  }

  /** What a future failed with, without the wrapping of dependent futures. */
  public static Throwable unwrapped(Throwable fault) {
    Throwable cause = fault;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
