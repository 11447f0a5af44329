package chat.engine.protocol.verb.group;

import chat.engine.Invite;
import chat.engine.InviteId;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of the invites to a group. */
public final class Invites implements Verb {
  private static ObjectNode json(Page<Invite> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("invites");
    for (Invite invite : page.items()) {
      put(array.addObject(), invite).put("uses", invite.uses());
    }
    return answer.put("has_more", page.hasMore());
  }

  /** Writes what does not change. */
  static ObjectNode put(ObjectNode json, Invite invite) {
    json.put("invite_id", invite.id().value())
        .put("by", invite.by().value())
        .put("created_at", JsonObjects.time(invite.createdAt()));
    if (invite.expiresAt() != null) {
      json.put("expires_at", JsonObjects.time(invite.expiresAt()));
    }
    if (invite.maxUses() != null) {
      json.put("max_uses", invite.maxUses());
    }
    return json;
  }

  @Override
  public Outcome handle(VerbCall call) {
    PageQuery<InviteId> page =
        call.optionalText("after")
            .map(InviteId::of)
            .map(PageQuery::after)
            .orElseGet(PageQuery::first)
            .limit(call.limit(PageQuery.DEFAULT_LIMIT));
    return Outcome.alone(
        call.session().invites(call.conversation(), page).thenApply(Invites::json));
  }
}
