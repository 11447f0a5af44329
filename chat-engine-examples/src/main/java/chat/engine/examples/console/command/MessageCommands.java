package chat.engine.examples.console.command;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.link.Sender;
import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.SeenMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What can be done with a message of the open conversation. */
final class MessageCommands {
  private static final Pattern NAME = Pattern.compile("[\\w:]+");

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
            "/react",
            "react to message N, with an emoji or its name",
            arguments -> react(arguments, true),
            one(Kind.MESSAGE),
            one(Kind.EMOJI)),
        Command.of(
            "/unreact",
            "take a reaction back",
            arguments -> react(arguments, false),
            one(Kind.MESSAGE),
            one(Kind.EMOJI)),
        Command.of(
            "/reactions",
            "list who reacted to message N",
            arguments -> reactions(arguments.number(0)),
            one(Kind.MESSAGE)),
        Command.of(
            "/forward",
            "send message N to another conversation",
            arguments -> forward(arguments.number(0), arguments.text(1)),
            one(Kind.MESSAGE),
            one(Kind.CONVERSATION)),
        Command.of(
            "/pin",
            "pin message N, for all",
            arguments -> talk.ask(talk.request("pin", arguments.number(0))),
            one(Kind.MESSAGE)),
        Command.of(
            "/unpin",
            "unpin message N",
            arguments -> talk.ask(talk.request("unpin", arguments.number(0))),
            one(Kind.MESSAGE)),
        Command.of("/pins", "show what is pinned here", arguments -> pins()));
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

  private void react(Arguments arguments, boolean on) {
    String typed = arguments.text(1);
    String named = talk.emoji().named(typed);
    if (named == null && NAME.matcher(typed).matches()) {
      throw new Refusal(
          "There is no emoji " + typed + "; Tab behind a letter lists those with it.");
    }
    String emoji = named == null ? typed : named;
    long seq = arguments.number(0);
    ObjectNode reply = talk.ask(talk.request("react", seq).put("emoji", emoji).put("on", on));
    talk.screen()
        .note(
            (on ? "You reacted with " : "You took back ")
                + emoji
                + " to message "
                + seq
                + " ("
                + reply.get("count").asLong()
                + " in all).");
  }

  private void reactions(long seq) {
    JsonNode reactions = talk.ask(talk.request("reactions", seq)).get("reactions");
    if (reactions.isEmpty()) {
      talk.screen().answer("Nobody reacted to message " + seq + ".");
    }
    for (JsonNode reaction : reactions) {
      List<String> emoji = new ArrayList<>();
      reaction.get("emoji").forEach(one -> emoji.add(one.asString()));
      talk.screen().answer(reaction.get("username").asString() + "  " + String.join(" ", emoji));
    }
  }

  private void forward(long seq, String label) {
    Conversation to = talk.conversations().labelled(label);
    if (to == null) {
      throw new Refusal("There is no conversation " + label + "; /talks lists yours.");
    }
    ObjectNode send =
        talk.request("send", to).put("client_message_id", UUID.randomUUID().toString());
    send.putObject("forward_of").setAll(original(seq));
    ObjectNode ack = talk.ask(send);
    to.sent(ack.get("seq").asLong());
    talk.screen().note("Forwarded to " + to.label() + ".");
  }

  private ObjectNode original(long seq) {
    ObjectNode original = talk.request("forward", seq);
    original.remove("type");
    return original;
  }

  private void pins() {
    JsonNode pins = talk.ask(talk.request("pins", talk.open())).get("pins");
    if (pins.isEmpty()) {
      talk.screen().answer("Nothing is pinned here.");
    }
    for (JsonNode pin : pins) {
      talk.open().see(pin.get("message"));
      talk.screen().message(pin.get("message"), "");
    }
  }
}
