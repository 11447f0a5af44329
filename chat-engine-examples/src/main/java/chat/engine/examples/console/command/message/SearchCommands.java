package chat.engine.examples.console.command.message;

import static chat.engine.examples.console.command.syntax.Parameter.one;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.model.Conversation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Finds messages. Used by one thread. */
final class SearchCommands {
  private static final int PAGE = 10;

  private final Talk talk;

  SearchCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/search",
            "find messages everywhere that have these words",
            arguments -> search(request(arguments.text(0))),
            one(Kind.WORDS)),
        Command.of(
            "/find",
            "find them here; /history N shows what is around",
            arguments -> search(here(request(arguments.text(0)))),
            one(Kind.WORDS)),
        Command.of("/more", "show more of what was listed or found", a -> talk.pages().more()));
  }

  private static ObjectNode request(String words) {
    return Link.request("search").put("query", words).put("limit", PAGE);
  }

  private ObjectNode here(ObjectNode request) {
    return request.setAll(talk.request("search", talk.open()));
  }

  private void search(ObjectNode request) {
    talk.pages().leave(null);
    ObjectNode reply = talk.ask(request.deepCopy());
    List<JsonNode> newestLast = new ArrayList<>();
    reply.get("messages").forEach(newestLast::add);
    Collections.reverse(newestLast);
    newestLast.forEach(this::show);
    if (reply.get("has_more").asBoolean()) {
      String before = reply.get("next_before").asString();
      talk.pages().leave(() -> search(request.put("before", before)));
      talk.screen().note("(/more shows earlier ones)");
    } else {
      talk.screen().note(newestLast.isEmpty() ? "Nothing found." : "(That is all.)");
    }
    if (reply.path("indexing").asBoolean(false)) {
      talk.screen().note("(The server is still indexing; some may be missing.)");
    }
  }

  private void show(JsonNode message) {
    Conversation conversation =
        talk.conversations().byId(message.get("conversation_id").asString());
    if (conversation != null && talk.conversations().isOpen(conversation)) {
      conversation.see(message);
      talk.screen().message(message, "");
    } else {
      talk.screen().message(message, conversation == null ? "?" : conversation.label());
    }
  }
}
