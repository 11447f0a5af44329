package chat.engine.protocol.verb.moderation;

import chat.engine.Ban;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of the bans of a group. */
public final class Bans implements Verb {
  private static ObjectNode json(Page<Ban> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("bans");
    for (Ban ban : page.items()) {
      ObjectNode one =
          array
              .addObject()
              .put("username", ban.user().value())
              .put("by", ban.by().value())
              .put("at", JsonObjects.time(ban.at()));
      if (ban.until() != null) {
        one.put("until", JsonObjects.time(ban.until()));
      }
    }
    return answer.put("has_more", page.hasMore());
  }

  @Override
  public Outcome handle(VerbCall call) {
    PageQuery<UserId> page =
        call.optionalUser("after")
            .map(PageQuery::after)
            .orElseGet(PageQuery::first)
            .limit(call.limit(PageQuery.DEFAULT_LIMIT));
    return Outcome.alone(call.session().bans(call.conversation(), page).thenApply(Bans::json));
  }
}
