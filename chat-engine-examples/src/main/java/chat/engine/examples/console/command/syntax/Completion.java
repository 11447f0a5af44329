package chat.engine.examples.console.command.syntax;

import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.Conversations;
import chat.engine.examples.console.model.Emoji;
import chat.engine.examples.console.model.People;
import chat.engine.examples.console.model.SeenMessage;
import chat.engine.examples.console.screen.SafeText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * What can stand where one is typing: the values of a parameter, and in texts names behind
 * {@code @} and emoji behind {@code :}. Thread-safe.
 */
public final class Completion {
  private static final int PREVIEW = 30;

  private final Commands commands;
  private final Conversations conversations;
  private final People people;
  private final Emoji emoji;
  private final FileCompletion files = new FileCompletion();

  public Completion(Commands commands, Conversations conversations, People people, Emoji emoji) {
    this.commands = commands;
    this.conversations = conversations;
    this.people = people;
    this.emoji = emoji;
  }

  /**
   * @param value as it is typed
   * @param shown in the list
   * @param whole whether a space may follow; false for a folder
   */
  public record Choice(String value, String shown, boolean whole) {
    static Choice of(String value) {
      return new Choice(value, SafeText.oneLine(value), true);
    }
  }

  /**
   * @param start where that begins which a choice takes the place of
   */
  public record Choices(int start, List<Choice> list) {}

  /**
   * @param typed the line up to the cursor
   */
  public Choices choices(String typed) {
    Choices all = allChoices(typed);
    String begun = typed.substring(all.start());
    return new Choices(
        all.start(),
        all.list().stream()
            .filter(choice -> choice.value().regionMatches(true, 0, begun, 0, begun.length()))
            .filter(choice -> choice.value().equals(SafeText.oneLine(choice.value())))
            .toList());
  }

  private Choices allChoices(String typed) {
    if (!Commands.isCommand(typed)) {
      return inText(typed);
    }
    String name = Commands.nameIn(typed);
    if (name.length() == typed.length()) {
      return new Choices(
          0,
          commands.all().stream()
              .map(c -> new Choice(c.name(), c.name() + "  " + c.purpose(), true))
              .toList());
    }
    Command command = commands.named(name);
    return command == null ? nothing(typed) : ofParameter(command, typed, name.length());
  }

  private Choices ofParameter(Command command, String typed, int from) {
    List<Word> words = Word.split(typed.substring(from));
    boolean between = words.isEmpty() || from + words.get(words.size() - 1).end() < typed.length();
    int index = between ? words.size() : words.size() - 1;
    List<Parameter> parameters = command.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      Parameter parameter = parameters.get(i);
      if (parameter.kind().isWholeRest() && i <= index) {
        int start = i < words.size() ? from + words.get(i).start() : typed.length();
        return parameter.kind() == Kind.CONVERSATION
            ? new Choices(start, values(Kind.CONVERSATION, typed.substring(start)))
            : inText(typed);
      }
      if (i == index || parameter.count() == Parameter.Count.SOME) {
        int start = between ? typed.length() : from + words.get(index).start();
        return new Choices(start, values(parameter.kind(), typed.substring(start)));
      }
    }
    return nothing(typed);
  }

  private Choices inText(String typed) {
    int start = typed.length();
    while (start > 0 && !Character.isWhitespace(typed.charAt(start - 1))) {
      start--;
    }
    String word = typed.substring(start);
    Stream<Choice> choices = Stream.of();
    Conversation open = conversations.open();
    if (word.startsWith("@") && open != null) {
      choices = open.members().stream().map(member -> Choice.of("@" + member));
    } else if (word.startsWith(":") && word.length() > 1) {
      choices = emojiNames();
    }
    return new Choices(start, choices.toList());
  }

  private static Choices nothing(String typed) {
    return new Choices(typed.length(), List.of());
  }

  private List<Choice> values(Kind kind, String begun) {
    Stream<Choice> values =
        switch (kind) {
          case PERSON -> people.names().stream().map(Choice::of);
          case MEMBER -> members().stream().map(Choice::of);
          case CONVERSATION ->
              Stream.concat(
                      conversations.all().stream().map(Conversation::label),
                      people.names().stream())
                  .distinct()
                  .map(Choice::of);
          case MESSAGE -> messages();
          case EMOJI ->
              begun.startsWith(":")
                  ? emojiNames()
                  : emoji.names().stream()
                      .map(name -> new Choice(name, emoji.named(name) + " " + name, true));
          case FILE -> files.choices(begun, false).stream();
          case FOLDER -> files.choices(begun, true).stream();
          case COMMAND ->
              Stream.concat(
                      commands.topics().stream().map(Topic::title),
                      commands.all().stream().map(Command::name))
                  .map(Choice::of);
          default -> kind.choices().stream().map(Choice::of);
        };
    return values.toList();
  }

  private Stream<Choice> emojiNames() {
    return emoji.names().stream()
        .map(name -> new Choice(":" + name + ":", emoji.named(name) + " " + name, true));
  }

  private List<String> members() {
    Conversation open = conversations.open();
    return open == null ? List.of() : open.members();
  }

  /** Those that were shown last first. */
  private Stream<Choice> messages() {
    Conversation open = conversations.open();
    List<SeenMessage> seen = new ArrayList<>(open == null ? List.of() : open.seen());
    Collections.reverse(seen);
    return seen.stream()
        .limit(20)
        .map(
            message ->
                new Choice(
                    Long.toString(message.seq()),
                    message.seq()
                        + " "
                        + SafeText.oneLine(message.from())
                        + ": "
                        + SafeText.beginning(message.text(), PREVIEW),
                    true));
  }
}
