package chat.engine.protocol.verb.conversation;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.SyncCursor;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Tells where the user's conversations stand, and what was missed since the cursors. */
public final class Sync implements Verb {
  private static SyncCursor cursor(JsonNode given) {
    if (!given.isObject()) {
      throw ChatException.badRequest("must be an object");
    }
    long seq = JsonObjects.integer(given, "seq");
    if (seq < 0) {
      throw ChatException.badRequest("seq must be at least 0, and not " + seq);
    }
    return new SyncCursor(
        seq, known(given, "rev"), known(given, "read_seq"), known(given, "preferences"));
  }

  private static long known(JsonNode given, String field) {
    Optional<Long> number = JsonObjects.optionalInteger(given, field);
    if (number.isPresent() && number.get() < 0) {
      throw ChatException.badRequest(field + " must be at least 0, and not " + number.get());
    }
    return number.orElse(SyncCursor.UNKNOWN);
  }

  @Override
  public Outcome handle(VerbCall call) {
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    JsonNode given = call.request().get("cursors");
    if (given != null && !given.isNull()) {
      if (!given.isObject()) {
        throw ChatException.badRequest("cursors must be an object");
      }
      for (Map.Entry<String, JsonNode> cursor : given.properties()) {
        ConversationId id = JsonObjects.of("cursors", () -> ConversationId.parse(cursor.getKey()));
        cursors.put(id, JsonObjects.of("cursors." + id, () -> cursor(cursor.getValue())));
      }
    }
    return Outcome.alone(
        call.optionalText("page")
            .map(page -> JsonObjects.of("page", () -> ConversationId.parse(page)))
            .map(last -> call.session().sync(cursors, last))
            .orElseGet(() -> call.session().sync(cursors))
            .thenApply(result -> WireJson.sync(result, call.user())));
  }
}
