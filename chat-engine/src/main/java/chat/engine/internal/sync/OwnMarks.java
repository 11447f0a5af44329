package chat.engine.internal.sync;

import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Shows messages of an answer as their reader may see them: marks the reader's own reactions, says
 * where a forwarded message came from only if the reader may read the original, and shows what a
 * message answers only if the reader may read that. The store is asked only if some of them have
 * reactions, or were forwarded, at all. Immutable.
 *
 * <p>It is asked after the messages were read. A reaction that the reader changes in between may
 * show in one of the two only; the event of that change follows.
 */
final class OwnMarks {
  private final Map<MessagePlace, Set<Emoji>> own;

  /** Of the conversations that messages were forwarded from, above which seqs they are readable. */
  private final Map<ConversationId, Long> origins;

  /** The same of the conversations that the messages are in. */
  private final Map<ConversationId, Long> readable;

  private OwnMarks(
      Map<MessagePlace, Set<Emoji>> own,
      Map<ConversationId, Long> origins,
      Map<ConversationId, Long> readable) {
    this.own = own;
    this.origins = origins;
    this.readable = readable;
  }

  /**
   * Those for these messages. Blocks if any has reactions or was forwarded.
   *
   * @param readable above which seqs the reader may read the conversations that they are in
   */
  static OwnMarks read(
      MessageStore store,
      UserId reader,
      Stream<Message> messages,
      Map<ConversationId, Long> readable) {
    Set<MessagePlace> reactedTo = new HashSet<>(0);
    Set<ConversationId> origins = new HashSet<>(0);
    messages.forEach(
        message -> {
          if (!message.reactions().isEmpty()) {
            reactedTo.add(place(message));
          }
          ForwardOf origin = message.forwardOf();
          if (origin != null && origin.conversation() != null) {
            origins.add(origin.conversation());
          }
        });
    return new OwnMarks(
        reactedTo.isEmpty() ? Map.of() : store.reactionsOf(reader, reactedTo),
        origins.isEmpty() ? Map.of() : store.conversations().readableAfter(reader, origins),
        readable);
  }

  /** The same messages with the marks of their reader, who is a user. */
  static List<Message> mark(
      MessageStore store,
      UserId reader,
      List<Message> messages,
      Map<ConversationId, Long> readable) {
    return reader.isSystem()
        ? messages
        : read(store, reader, messages.stream(), readable).on(messages);
  }

  List<Message> on(List<Message> messages) {
    return messages.stream().map(this::on).toList();
  }

  Message on(Message message) {
    return withReactions(withOrigin(withPreview(message)));
  }

  private Message withPreview(Message message) {
    ReplyPreview preview = message.replyPreview();
    return preview == null || preview.seq() > readable.getOrDefault(message.conversation(), 0L)
        ? message
        : message.withReplyPreview(null);
  }

  private Message withOrigin(Message message) {
    ForwardOf origin = message.forwardOf();
    if (origin == null || origin.conversation() == null) {
      return message;
    }
    Long after = origins.get(origin.conversation());
    return after != null && origin.seq() > after
        ? message
        : message.withForwardOf(ForwardOf.ELSEWHERE);
  }

  private Message withReactions(Message message) {
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
