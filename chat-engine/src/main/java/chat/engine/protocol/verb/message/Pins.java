package chat.engine.protocol.verb.message;

import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinnedMessage;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of the pinned messages of a conversation. */
public final class Pins implements Verb {
  private static ObjectNode json(Page<PinnedMessage> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("pins");
    for (PinnedMessage pin : page.items()) {
      ObjectNode one =
          array
              .addObject()
              .put("pinned_by", pin.by().value())
              .put("pinned_at", JsonObjects.time(pin.at()))
              .put("rev", pin.rev());
      WireJson.message(one.putObject("message"), pin.message());
    }
    return answer.put("has_more", page.hasMore());
  }

  @Override
  public Outcome handle(VerbCall call) {
    PageQuery<Long> page =
        call.optionalInteger("after", 0)
            .map(PageQuery::after)
            .orElseGet(PageQuery::first)
            .limit(call.limit(PageQuery.DEFAULT_LIMIT));
    return Outcome.alone(call.session().pins(call.conversation(), page).thenApply(Pins::json));
  }
}
