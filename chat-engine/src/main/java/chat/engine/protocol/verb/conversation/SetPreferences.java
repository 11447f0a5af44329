package chat.engine.protocol.verb.conversation;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.PreferencesEdit;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.PreferencesJson;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Changes how the caller sees a conversation. A field that is null ends what it is about. */
public final class SetPreferences implements Verb {
  private static final String FIELDS = "muted_until, archived, pinned or unread_from";

  @Override
  public Outcome handle(VerbCall call) {
    ConversationId conversation = call.conversation();
    PreferencesEdit edit = edit(call.request());
    if (edit.equals(PreferencesEdit.NOTHING)) {
      throw ChatException.badRequest("give at least one of " + FIELDS);
    }
    return Outcome.inOrder(
        call.session()
            .setPreferences(conversation, edit)
            .thenApply(now -> PreferencesJson.of(JsonObjects.object(), conversation, now)));
  }

  private static PreferencesEdit edit(ObjectNode request) {
    PreferencesEdit edit = PreferencesEdit.NOTHING;
    if (request.has("muted_until")) {
      edit = edit.mutedUntil(time(request, "muted_until"));
    }
    if (request.has("archived")) {
      edit = edit.archived(JsonObjects.flag(request, "archived"));
    }
    if (request.has("pinned")) {
      edit = edit.pinned(JsonObjects.flag(request, "pinned"));
    }
    if (request.has("unread_from")) {
      edit = edit.unreadFrom(JsonObjects.optionalInteger(request, "unread_from").orElse(null));
    }
    return edit;
  }

  private static @Nullable Instant time(ObjectNode request, String field) {
    String given = JsonObjects.optionalText(request, field).orElse(null);
    try {
      return given == null ? null : OffsetDateTime.parse(given).toInstant();
    } catch (DateTimeException malformed) {
      throw ChatException.badRequest(
          field + " must be a time like 2027-01-31T09:30:00.000Z, or null, not " + given);
    }
  }
}
