package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Updates of groups in requests and events, with the same names of fields in both. Stateless. */
public final class GroupUpdates {
  private static final String SLOW_MODE = "slow_mode_seconds";

  private GroupUpdates() {}

  /**
   * As the fields {@code name}, {@code description}, {@code avatar_url}, {@code attributes}, {@code
   * slow_mode_seconds} and {@code history} of a request tell; null clears all but the name.
   *
   * @throws ChatException with {@code BAD_REQUEST} if there is none of them, or one cannot be
   */
  public static GroupUpdate of(VerbCall call) {
    ObjectNode request = call.request();
    GroupUpdate update = GroupUpdate.of();
    if (request.has("name")) {
      update = update.withName(call.text("name"));
    }
    if (request.has("description")) {
      update = update.withDescription(call.optionalText("description").orElse(null));
    }
    if (request.has("avatar_url")) {
      update = update.withAvatarUrl(call.optionalText("avatar_url").orElse(null));
    }
    if (request.has("attributes")) {
      update =
          update.withAttributes(
              call.optionalObject("attributes")
                  .filter(given -> !given.isEmpty())
                  .map(JsonNode::toString)
                  .orElse(null));
    }
    if (request.has(SLOW_MODE)) {
      update = update.withSlowMode(slowMode(call.optionalInteger(SLOW_MODE).orElse(0L)));
    }
    if (request.has("history")) {
      update = update.withHistory(history(request));
    }
    if (update.isEmpty()) {
      throw ChatException.badRequest(
          "give one or more of name, description, avatar_url, attributes, "
              + SLOW_MODE
              + " and history");
    }
    return update;
  }

  /**
   * As the field {@code history} of a request tells; all if it is missing or null.
   *
   * @throws ChatException with {@code BAD_REQUEST} for anything else
   */
  public static HistoryAccess history(JsonNode request) {
    return history(JsonObjects.optionalText(request, "history").orElse("all"));
  }

  private static HistoryAccess history(String name) {
    for (HistoryAccess history : HistoryAccess.values()) {
      if (name(history).equals(name)) {
        return history;
      }
    }
    throw ChatException.badRequest("history must be all or joined, not " + name);
  }

  static String name(HistoryAccess history) {
    return history.name().toLowerCase(Locale.ROOT);
  }

  private static Duration slowMode(long seconds) {
    // what no duration holds is out of range as well
    return Duration.ofSeconds(Math.max(-1, Math.min(seconds, Integer.MAX_VALUE)));
  }

  /** The fields that change; null for what is cleared. */
  static void put(ObjectNode into, GroupUpdate update) {
    for (GroupUpdate.Field field : update.fields().stream().sorted().toList()) {
      switch (field) {
        case NAME, DESCRIPTION, AVATAR_URL ->
            into.put(field.name().toLowerCase(Locale.ROOT), text(update, field));
        case ATTRIBUTES -> {
          if (update.attributes() == null) {
            into.putNull("attributes");
          } else {
            into.set("attributes", WireJson.attributes(update.attributes()));
          }
        }
        case SLOW_MODE -> into.put(SLOW_MODE, update.slowMode().toSeconds());
        case HISTORY -> into.put("history", name(update.history()));
      }
    }
  }

  private static @Nullable String text(GroupUpdate update, GroupUpdate.Field field) {
    return switch (field) {
      case NAME -> update.name();
      case DESCRIPTION -> update.description();
      default -> update.avatarUrl();
    };
  }
}
