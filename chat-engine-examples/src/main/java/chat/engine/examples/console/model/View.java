package chat.engine.examples.console.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How the user sees a conversation.
 *
 * @param archivedAtSeq archived until a later message comes; null if it is not
 * @param version counts the changes
 */
record View(
    @Nullable Instant mutedUntil, @Nullable Long archivedAtSeq, boolean pinned, long version) {
  static final View PLAIN = new View(null, null, false, 0);

  static View of(JsonNode preferences) {
    String muted = preferences.path("muted_until").asString("");
    boolean archived = preferences.path("archived").asBoolean(false);
    return new View(
        muted.isEmpty() ? null : Instant.parse(muted),
        archived ? preferences.path("archived_at_seq").asLong(0) : null,
        preferences.path("pinned").asBoolean(false),
        preferences.path("version").asLong(0));
  }
}
