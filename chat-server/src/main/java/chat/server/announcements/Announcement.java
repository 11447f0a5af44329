package chat.server.announcements;

import chat.engine.ChatException;
import chat.engine.NewMessage;
import chat.engine.protocol.JsonObjects;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an operator says to all users. Immutable.
 *
 * @param id ascending in time
 * @param text plain text of at most {@link #MAX_LENGTH} code points
 * @param until when it ends, unless it is withdrawn before
 */
public record Announcement(long id, String text, Kind kind, Instant at, Instant until) {
  public static final int MAX_LENGTH = 1_000;
  public static final Duration DEFAULT_TIME = Duration.ofHours(24);
  public static final Duration MAX_TIME = Duration.ofDays(90);

  /** How urgent it is. */
  public enum Kind {
    INFO,
    WARNING;

    /**
     * @throws ApiException {@code bad_request} for a word that names none
     */
    public static Kind of(String word) {
      for (Kind kind : values()) {
        if (kind.word().equals(word)) {
          return kind;
        }
      }
      throw ApiException.badRequest(
          Arrays.stream(values())
              .map(Kind::word)
              .collect(Collectors.joining(" or ", "kind must be ", ", not " + word)));
    }

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** When an announcement ends for which nothing else is said. */
  static Instant usualEnd(Instant now) {
    return now.plus(DEFAULT_TIME);
  }

  /**
   * A text by the rules of messages, and not as long.
   *
   * @throws ChatException {@code bad_request} if it breaks them
   * @throws ApiException {@code too_large}
   */
  static String requireText(String text) {
    String checked = NewMessage.text(text).text();
    int length = checked.codePointCount(0, checked.length());
    if (length > MAX_LENGTH) {
      throw ApiException.of(
          ApiError.TOO_LARGE, "text may have " + MAX_LENGTH + " characters, not " + length);
    }
    return checked;
  }

  /**
   * @throws ApiException {@code bad_request} if that is over, or too far away
   */
  static Instant requireEnd(Instant until, Instant now) {
    if (!until.isAfter(now)) {
      throw ApiException.badRequest("until must be in the future");
    }
    if (until.isAfter(now.plus(MAX_TIME))) {
      throw ApiException.badRequest("until may be at most " + MAX_TIME.toDays() + " days from now");
    }
    return until;
  }

  boolean isOver(Instant now) {
    return !until.isAfter(now);
  }

  /** As clients are told, without a type. */
  ObjectNode json() {
    return putInto(JsonObjects.object());
  }

  ObjectNode putInto(ObjectNode json) {
    return json.put("id", Long.toString(id))
        .put("text", text)
        .put("kind", kind.word())
        .put("at", JsonObjects.time(at))
        .put("until", JsonObjects.time(until));
  }
}
