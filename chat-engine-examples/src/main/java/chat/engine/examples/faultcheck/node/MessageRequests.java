package chat.engine.examples.faultcheck.node;

import static chat.engine.examples.faultcheck.node.Requests.conversation;

import chat.engine.ChatUser;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.HistoryQuery;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.UserId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The requests of a user about messages. Not thread-safe. */
final class MessageRequests {
  private final ChatUser user;

  MessageRequests(ChatUser user) {
    this.user = user;
  }

  void handle(String[] words, NodeConnection.Answers answers) {
    switch (words[1]) {
      case "send" ->
          send(
              words,
              NewMessage.text(ClientMessageId.of(words[3]), words[3])
                  .withMentions(mentions(words[4])),
              answers);
      case "forward" ->
          send(
              words,
              NewMessage.forward(
                  ClientMessageId.of(words[3]),
                  ConversationId.parse(words[4]),
                  Long.parseLong(words[5])),
              answers);
      case "edit" ->
          answers.answer(
              user.editMessage(
                  conversation(words),
                  seq(words),
                  new MessageEdit(words[4], mentions(words[5]), null)),
              ack -> String.valueOf(ack.rev()));
      case "unsend" ->
          answers.answer(
              user.deleteMessage(conversation(words), seq(words)),
              ack -> String.valueOf(ack.rev()));
      case "edits" ->
          answers.answer(
              user.edits(
                  conversation(words),
                  seq(words),
                  PageQuery.<Long>first().limit(PageQuery.MAX_LIMIT)),
              page ->
                  page.items().stream()
                      .map(
                          version ->
                              "+ version %d %s\n".formatted(version.number(), version.text()))
                      .collect(Collectors.joining()));
      case "react" ->
          answers.answer(
              user.react(
                  conversation(words),
                  seq(words),
                  Emoji.of(words[4]),
                  Boolean.parseBoolean(words[5])),
              ack -> ack.rev() + " " + ack.count());
      case "pin" ->
          answers.answer(
              user.pin(conversation(words), seq(words)), ack -> String.valueOf(ack.rev()));
      case "unpin" ->
          answers.answer(
              user.unpin(conversation(words), seq(words)), ack -> String.valueOf(ack.rev()));
      case "history" ->
          answers.answer(
              user.history(
                  conversation(words),
                  HistoryQuery.after(seq(words)).limit(HistoryQuery.MAX_LIMIT)),
              page ->
                  page.messages().stream()
                          .map(message -> "+ " + EventLines.message(message) + "\n")
                          .collect(Collectors.joining())
                      + (page.hasMore() ? 1 : 0));
      default -> throw new IllegalArgumentException("no such request: " + words[1]);
    }
  }

  private void send(String[] words, NewMessage message, NodeConnection.Answers answers) {
    answers.answer(
        user.send(conversation(words), message),
        ack -> ack.seq() + " " + ack.messageId() + " " + ack.duplicate());
  }

  private static long seq(String[] words) {
    return Long.parseLong(words[3]);
  }

  private static List<UserId> mentions(String names) {
    return names.equals("-")
        ? List.of()
        : Arrays.stream(names.split(",", -1)).map(UserId::of).toList();
  }
}
