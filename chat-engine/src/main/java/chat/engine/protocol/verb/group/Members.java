package chat.engine.protocol.verb.group;

import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of the members of a conversation, and how far each has read. */
public final class Members implements Verb {
  private static ObjectNode json(MemberList list) {
    ObjectNode answer = JsonObjects.object().put("rev", list.rev());
    ArrayNode array = answer.putArray("members");
    for (Member member : list.members()) {
      ObjectNode one =
          array
              .addObject()
              .put("username", member.user().value())
              .put("role", member.role().name().toLowerCase(Locale.ROOT))
              .put("joined_at", JsonObjects.time(member.joinedAt()))
              .put("received_seq", member.receivedSeq());
      if (!member.readHidden()) {
        one.put("read_seq", member.readSeq());
      }
      if (member.silencedUntil() != null) {
        one.put("silenced_until", JsonObjects.time(member.silencedUntil()));
      }
    }
    return answer.put("has_more", list.hasMore());
  }

  @Override
  public Outcome handle(VerbCall call) {
    int limit = call.limit(PageQuery.MAX_LIMIT);
    PageQuery<UserId> page =
        call.optionalUser("after").map(PageQuery::after).orElseGet(PageQuery::first).limit(limit);
    return Outcome.alone(
        call.session().members(call.conversation(), page).thenApply(Members::json));
  }
}
