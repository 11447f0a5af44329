package chat.engine.protocol.verb.user;

import chat.engine.ChatException;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import tools.jackson.databind.node.ObjectNode;

/** Changes what others see of the caller. */
public final class SetPrivacy implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    PrivacyEdit edit = edit(call.request());
    if (edit.equals(PrivacyEdit.NOTHING)) {
      throw ChatException.badRequest("give at least one of last_seen or read_receipts");
    }
    return Outcome.alone(
        call.session()
            .setPrivacy(edit)
            .thenApply(now -> WireJson.privacy(JsonObjects.object(), now)));
  }

  private static PrivacyEdit edit(ObjectNode request) {
    PrivacyEdit edit = PrivacyEdit.NOTHING;
    if (request.has("last_seen")) {
      edit = edit.lastSeen(audience(JsonObjects.text(request, "last_seen")));
    }
    if (request.has("read_receipts")) {
      edit = edit.readReceipts(JsonObjects.flag(request, "read_receipts"));
    }
    return edit;
  }

  private static Privacy.Audience audience(String name) {
    return switch (name) {
      case "everyone" -> Privacy.Audience.EVERYONE;
      case "contacts" -> Privacy.Audience.CONTACTS;
      case "nobody" -> Privacy.Audience.NOBODY;
      default ->
          throw ChatException.badRequest(
              "last_seen must be everyone, contacts or nobody, not " + name);
    };
  }
}
