package chat.engine.protocol.verb.message;

import chat.engine.Emoji;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of those who react to a message. */
public final class Reactions implements Verb {
  private static ObjectNode json(Page<UserReactions> page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode array = answer.putArray("reactions");
    for (UserReactions of : page.items()) {
      ArrayNode emoji = array.addObject().put("username", of.user().value()).putArray("emoji");
      of.emoji().forEach(one -> emoji.add(one.value()));
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
    Emoji emoji = call.optionalText("emoji").map(Emoji::of).orElse(null);
    return Outcome.alone(
        call.session()
            .reactions(call.conversation(), call.integer("seq", 1), emoji, page)
            .thenApply(Reactions::json));
  }
}
