package chat.engine.protocol.verb.message;

import chat.engine.MessageVersion;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.MessageVersionJson;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of what a message said before its edits, and says now. */
public final class Edits implements Verb {
  private static ObjectNode json(Page<MessageVersion> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("versions");
    page.items().forEach(version -> MessageVersionJson.write(array.addObject(), version));
    return answer.put("has_more", page.hasMore());
  }

  @Override
  public Outcome handle(VerbCall call) {
    PageQuery<Long> page =
        call.optionalInteger("after", 0)
            .map(PageQuery::after)
            .orElseGet(PageQuery::first)
            .limit(call.limit(PageQuery.DEFAULT_LIMIT));
    return Outcome.alone(
        call.session()
            .edits(call.conversation(), call.integer("seq", 1), page)
            .thenApply(Edits::json));
  }
}
