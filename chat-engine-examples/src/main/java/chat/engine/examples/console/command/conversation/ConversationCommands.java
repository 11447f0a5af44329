package chat.engine.examples.console.command.conversation;

import static chat.engine.examples.console.command.syntax.Parameter.one;
import static chat.engine.examples.console.command.syntax.Parameter.optional;

import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Arguments;
import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Kind;
import chat.engine.examples.console.model.Conversation;
import java.util.ArrayList;
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
        Command.of("/archived", "list the archived conversations", arguments -> archived()),
        Command.of(
            "/history",
            "show earlier messages, or those around message N",
            this::history,
            optional(Kind.MESSAGE)));
  }

  private void open(String label) {
    Conversation chosen = talk.labelledOrNew(label);
    if (chosen.id() == null) {
      talk.open(chosen);
      return;
    }
    long unread = chosen.unread();
    talk.conversations().open(chosen);
    chosen.showNothing();
    talk.reading().learnMembers(chosen);
    talk.showOlder(chosen, unread);
  }

  private void list() {
    List<Conversation> all = talk.conversations().all();
    List<Conversation> listed = all.stream().filter(known -> !known.isArchived()).toList();
    if (all.isEmpty()) {
      talk.screen().answer("No conversations yet: /add somebody, then /to that name.");
    }
    listed.stream().filter(known -> !known.isPinned()).forEach(this::show);
    listed.stream().filter(Conversation::isPinned).forEach(this::show);
    int archived = all.size() - listed.size();
    if (archived > 0) {
      talk.screen().note("(" + archived + " archived: /archived lists them)");
    }
  }

  private void archived() {
    List<Conversation> all =
        talk.conversations().all().stream().filter(Conversation::isArchived).toList();
    if (all.isEmpty()) {
      talk.screen().answer("Nothing is archived.");
    }
    all.forEach(this::show);
  }

  private void show(Conversation conversation) {
    List<String> marks = new ArrayList<>();
    if (conversation.unread() > 0) {
      marks.add(conversation.unread() + " unread");
    }
    if (talk.conversations().isOpen(conversation)) {
      marks.add("open");
    }
    if (conversation.isPinned()) {
      marks.add("pinned");
    }
    if (conversation.isMuted(talk.times().now())) {
      marks.add("muted");
    }
    String there =
        conversation.isGroup() ? " " : talk.people().isOnline(conversation.name()) ? "●" : "○";
    talk.screen()
        .answer(
            there
                + " "
                + conversation.label()
                + (marks.isEmpty() ? "" : "  (" + String.join(", ", marks) + ")"));
  }

  private void history(Arguments arguments) {
    if (arguments.has(0)) {
      talk.showAround(talk.open(), arguments.number(0));
    } else {
      talk.showOlder(talk.open());
    }
  }
}
