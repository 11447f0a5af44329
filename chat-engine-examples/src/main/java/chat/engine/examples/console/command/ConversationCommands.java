package chat.engine.examples.console.command;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.model.Conversation;
import java.util.List;

/** Which conversation is open, and what was said there. */
final class ConversationCommands {
  private final Talk talk;

  ConversationCommands(Talk talk) {
    this.talk = talk;
  }

  List<Command> all() {
    return List.of(
        Command.of(
            "/to",
            "open a conversation; what you write goes there",
            arguments -> open(arguments.text(0)),
            one(Kind.CONVERSATION)),
        Command.of("/talks", "list the conversations, and what is unread", arguments -> list()),
        Command.of(
            "/history",
            "show earlier messages, or those around message N",
            this::history,
            optional(Kind.MESSAGE)));
  }

  private void open(String label) {
    Conversation chosen = talk.conversations().labelled(label);
    if (chosen == null && label.startsWith("#")) {
      throw new Refusal("You are in no group " + label + "; /talks lists yours.");
    }
    if (chosen == null) {
      Conversation begun = talk.conversations().openNew(contact(label));
      talk.screen().note("You write to " + begun.label() + " now.");
      return;
    }
    long unread = chosen.unread();
    talk.conversations().open(chosen);
    chosen.showNothing();
    talk.reading().learnMembers(chosen);
    talk.showOlder(chosen, unread);
  }

  /** As the contact is written. */
  private String contact(String name) {
    talk.learnContacts();
    return talk.people().names().stream()
        .filter(known -> known.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal(
                    name
                        + " is not among your contacts. /add "
                        + name
                        + " makes a contact; groups begin with #."));
  }

  private void list() {
    List<Conversation> all = talk.conversations().all();
    if (all.isEmpty()) {
      talk.screen().answer("No conversations yet: /add somebody, then /to that name.");
    }
    for (Conversation conversation : all) {
      long unread = conversation.unread();
      String mark =
          conversation.isGroup() ? " " : talk.people().isOnline(conversation.name()) ? "●" : "○";
      talk.screen()
          .answer(
              mark
                  + " "
                  + conversation.label()
                  + (unread > 0 ? "  " + unread + " unread" : "")
                  + (talk.conversations().isOpen(conversation) ? "  (open)" : ""));
    }
  }

  private void history(Arguments arguments) {
    if (arguments.has(0)) {
      talk.showAround(talk.open(), arguments.number(0));
    } else {
      talk.showOlder(talk.open());
    }
  }
}
