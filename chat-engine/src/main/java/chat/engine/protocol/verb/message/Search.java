package chat.engine.protocol.verb.message;

import chat.engine.ConversationId;
import chat.engine.SearchCursor;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.SearchQuery;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.Outcome;
import chat.engine.protocol.Verb;
import chat.engine.protocol.VerbCall;
import chat.engine.protocol.WireJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A page of the messages in the user's conversations that have some words. */
public final class Search implements Verb {
  private static ObjectNode json(SearchPage page) {
    ObjectNode answer = JsonObjects.object();
    ArrayNode messages = answer.putArray("messages");
    for (SearchHit hit : page.hits()) {
      ObjectNode message = WireJson.message(messages.addObject(), hit.message());
      ArrayNode highlights = message.putArray("highlights");
      for (SearchHit.Highlight highlight : hit.highlights()) {
        highlights.addObject().put("start", highlight.start()).put("end", highlight.end());
      }
    }
    answer.put("has_more", page.hasMore());
    SearchCursor next = page.next();
    if (next != null) {
      answer.put("next_before", next.toString());
    }
    return page.indexing() ? answer.put("indexing", true) : answer;
  }

  @Override
  public Outcome handle(VerbCall call) {
    SearchQuery query =
        new SearchQuery(
            call.text("query"),
            call.optionalText("conversation_id").map(ConversationId::parse).orElse(null),
            call.optionalUser("from").orElse(null),
            call.optionalText("before").map(SearchCursor::parse).orElse(null),
            call.limit(SearchQuery.DEFAULT_LIMIT));
    return Outcome.alone(call.session().search(query).thenApply(Search::json));
  }
}
