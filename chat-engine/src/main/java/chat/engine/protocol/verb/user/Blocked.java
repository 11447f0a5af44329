package chat.engine.protocol.verb.user;

import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of those whom the caller has blocked. */
public final class Blocked implements Verb {
  @Override
  public Outcome handle(VerbCall call) {
    int limit = call.limit(PageQuery.MAX_LIMIT);
    PageQuery<UserId> page =
        call.optionalUser("after").map(PageQuery::after).orElseGet(PageQuery::first).limit(limit);
    return Outcome.alone(call.session().blocked(page).thenApply(Blocked::json));
  }

  private static ObjectNode json(Page<UserId> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode usernames = answer.putArray("usernames");
    page.items().forEach(user -> usernames.add(user.value()));
    return answer.put("has_more", page.hasMore());
  }
}
