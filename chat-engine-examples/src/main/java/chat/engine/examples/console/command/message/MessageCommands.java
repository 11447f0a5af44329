package chat.engine.examples.console.command.message;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.link.Sender;
import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.SeenMessage;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with a message of the open conversation. */
final class MessageCommands {
  private final Talk talk;
  private final Consumer<String> draft;

  /**
   * @param draft makes a text the next line, to be changed before it is entered; throws {@link
   *     Refusal} if the terminal cannot do that
   */
  MessageCommands(Talk talk, Consumer<String> draft) {
    this.talk = talk;
    this.draft = draft;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/reply",
            "answer message N",
            arguments -> reply(arguments.number(0), arguments.text(1)),
            one(Kind.MESSAGE),
            one(Kind.TEXT)),
        Command.of(
            "/edit",
            "change your message N; alone, it comes into the line",
            this::edit,
            one(Kind.MESSAGE),
            optional(Kind.TEXT)),
        Command.of(
            "/delete",
            "delete message N, for all",
            arguments -> talk.ask(talk.request("delete", arguments.number(0))),
            one(Kind.MESSAGE)),
        Command.of(
            "/forward",
            "send message N to another conversation",
            arguments -> forward(arguments.number(0), arguments.text(1)),
            one(Kind.MESSAGE),
            one(Kind.CONVERSATION)),
        Command.of(
            "/edits",
            "show what message N said before it was edited",
            arguments -> edits(arguments.number(0)),
            one(Kind.MESSAGE)),
        Command.of(
            "/report",
            "report message N to the moderators; TEXT says why",
            this::report,
            one(Kind.MESSAGE),
            one(Kind.TEXT)));
  }

  private void reply(long seq, String text) {
    Conversation to = talk.open();
    talk.request("reply", to); // nothing to answer before the first message
    ObjectNode send = Sender.to(to).put("reply_to", seq);
    Sender.putText(send, talk.emoji().inText(text), to);
    talk.sender().send(send);
  }

  private void edit(Arguments arguments) {
    long seq = arguments.number(0);
    if (arguments.has(1)) {
      Conversation here = talk.open();
      ObjectNode request = talk.request("edit", seq);
      Sender.putText(request, talk.emoji().inText(arguments.text(1)), here);
      talk.ask(request);
      return;
    }
    SeenMessage message = talk.open().seen(seq);
    if (message == null) {
      throw new Refusal("Message " + seq + " was not shown; /history " + seq + " shows it.");
    }
    if (!message.from().equals(talk.me())) {
      throw new Refusal("Message " + seq + " is not yours.");
    }
    draft.accept("/edit " + seq + " " + message.text());
  }

  private void forward(long seq, String label) {
    Conversation to = talk.labelledOrNew(label);
    ObjectNode send = Sender.to(to);
    send.putObject("forward_of").setAll(original(seq));
    ObjectNode ack = talk.ask(send);
    Conversation there =
        talk.conversations().known(ack.get("conversation_id").asString(), to.name(), to.isGroup());
    there.sent(ack.get("seq").asLong());
    talk.screen().note("Forwarded to " + there.label() + ".");
  }

  private ObjectNode original(long seq) {
    ObjectNode original = talk.request("forward", seq);
    original.remove("type");
    return original;
  }

  private void edits(long seq) {
    JsonNode versions = talk.ask(talk.request("edits", seq)).get("versions");
    for (JsonNode version : versions) {
      talk.screen()
          .answer(
              talk.times().of(version.get("written_at").asString())
                  + "  "
                  + version.get("text").asString());
    }
    if (versions.size() < 2) {
      talk.screen().answer("Message " + seq + " was never edited.");
    }
  }

  private void report(Arguments arguments) {
    long seq = arguments.number(0);
    talk.ask(talk.request("report", seq).put("reason", arguments.text(1)));
    talk.screen().answer("You reported message " + seq + " to the moderators.");
  }
}
