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
import tools.jackson.databind.JsonNode;

/** Tells where the user's conversations stand, and what was missed since the cursors. */
public final class Sync implements Verb {
  private static SyncCursor cursor(JsonNode given) {
    return new SyncCursor(
        JsonObjects.integer(given, "seq"),
        JsonObjects.optionalInteger(given, "rev").orElse(SyncCursor.UNKNOWN),
        JsonObjects.optionalInteger(given, "read_seq").orElse(SyncCursor.UNKNOWN),
        JsonObjects.optionalInteger(given, "preferences").orElse(SyncCursor.UNKNOWN));
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
        cursors.put(ConversationId.parse(cursor.getKey()), cursor(cursor.getValue()));
      }
    }
    return Outcome.alone(
        call.optionalText("page")
            .map(page -> call.session().sync(cursors, ConversationId.parse(page)))
            .orElseGet(() -> call.session().sync(cursors))
            .thenApply(result -> WireJson.sync(result, call.user())));
  }
}
