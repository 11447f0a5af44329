package chat.engine.internal.sync;

import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Marks the reactions of the reader in the messages of an answer. The store is asked only if some
 * of them have reactions at all. Immutable.
 *
 * <p>It is asked after the messages were read. A reaction that the reader changes in between may
 * show in one of the two only; the event of that change follows.
 */
final class OwnMarks {
  private final Map<MessagePlace, Set<Emoji>> own;

  private OwnMarks(Map<MessagePlace, Set<Emoji>> own) {
    this.own = own;
  }

  /** Those for these messages. Blocks if any has reactions. */
  static OwnMarks read(MessageStore store, UserId reader, Stream<Message> messages) {
    Set<MessagePlace> reactedTo =
        messages
            .filter(message -> !message.reactions().isEmpty())
            .map(OwnMarks::place)
            .collect(Collectors.toSet());
    return new OwnMarks(reactedTo.isEmpty() ? Map.of() : store.reactionsOf(reader, reactedTo));
  }

  /** The same messages with the marks of their reader, who is a user. */
  static List<Message> mark(MessageStore store, UserId reader, List<Message> messages) {
    return reader.isSystem() ? messages : read(store, reader, messages.stream()).on(messages);
  }

  List<Message> on(List<Message> messages) {
    return messages.stream().map(this::on).toList();
  }

  Message on(Message message) {
    if (message.reactions().isEmpty()) {
      return message;
    }
    Set<Emoji> mine = own.getOrDefault(place(message), Set.of());
    return message.withReactions(
        message.reactions().stream()
            .map(reaction -> reaction.withMe(mine.contains(reaction.emoji())))
            .toList(),
        message.rev());
  }

  private static MessagePlace place(Message message) {
    return new MessagePlace(message.conversation(), message.seq());
  }
}
