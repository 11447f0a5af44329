package chat.engine.examples.console.link;

import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerConnection;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why something did not work, in sentences for people. The server's own are good where they name a
 * field or a rule; where they are about the protocol, these take their place.
 */
public final class Reasons {
  /** People do not know the ids of conversations. */
  private static final Pattern NUMBERED =
      Pattern.compile("\\bconversation [0-9]{5,}", Pattern.CASE_INSENSITIVE);

  private Reasons() {}

  public static String of(@Nullable Throwable fault) {
    Throwable cause = cause(fault);
    if (cause instanceof ServerApi.RefusedException refused) {
      return refused(refused);
    }
    if (cause instanceof ServerConnection.ClosedException) {
      return "There is no connection now. Try again when it is back.";
    }
    if (cause instanceof IOException) {
      return "The server cannot be reached. Try again in a moment.";
    }
    return "That did not work: " + cause + ".";
  }

  /** What is behind the wrappers of futures. */
  static @Nullable Throwable cause(@Nullable Throwable fault) {
    Throwable cause = fault;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static String refused(ServerApi.RefusedException refused) {
    return switch (refused.code()) {
      case "unavailable" -> "The server cannot reach its database. Try again in a moment.";
      case "busy" -> "The server is busy. Try again in a moment.";
      case "internal" -> "Something went wrong on the server. Try again in a moment.";
      case "rate_limited" -> "That was too much at once. Wait a moment and try again.";
      case "unknown_type" -> "This server cannot do that.";
      default -> sentence(refused.reason());
    };
  }

  /** With a capital and a full stop. */
  private static String sentence(String text) {
    String stripped = text.strip();
    if (stripped.isEmpty()) {
      return "The server refused it.";
    }
    stripped = NUMBERED.matcher(stripped).replaceAll("this conversation");
    int first = stripped.codePointAt(0);
    String capital =
        Character.toString(Character.toUpperCase(first))
            + stripped.substring(Character.charCount(first));
    return stripped.matches("(?s).*[.!?]") ? capital : capital + ".";
  }
}
