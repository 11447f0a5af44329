package chat.engine.internal.bot;

import chat.engine.ChangeAck;
import chat.engine.ChatApplication;
import chat.engine.ChatUser;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The engine as a bot and the application see it: the test gives the answers. */
final class PlayedChat {
  static final UserId ADA = UserId.of("ada");
  static final UserId BOT = UserId.of("bot");
  static final Conversation GROUP =
      Conversation.group(ConversationId.of(7), "group", Instant.EPOCH);
  static final Message ASKED = message(5, ADA, "how?", null);

  /** {@code bot} or {@code application}, what it does, and the text. */
  final List<String> calls = new CopyOnWriteArrayList<>();

  final List<MessageEdit> edits = new CopyOnWriteArrayList<>();
  final List<NewMessage> sent = new CopyOnWriteArrayList<>();

  /** What the next edits come to; those that follow succeed. */
  final Deque<CompletableFuture<@Nullable ChangeAck>> editAnswers = new ArrayDeque<>();

  /** What sends come to. */
  CompletableFuture<SendAck> sendAnswer = CompletableFuture.completedFuture(ack(false));

  /** What is in the history. */
  List<Message> history = List.of();

  final ChatUser bot = play(ChatUser.class, "bot");
  final ChatApplication application = play(ChatApplication.class, "application");

  static Message message(long seq, UserId from, String text, @Nullable String attributes) {
    return new Message(
        GROUP.id(),
        MessageId.of(100 + seq),
        seq,
        from,
        ClientMessageId.of("c" + seq),
        text,
        null,
        List.of(BOT),
        attributes,
        Instant.EPOCH);
  }

  static SendAck ack(boolean duplicate) {
    return new SendAck(MessageId.of(106), GROUP.id(), 6, Instant.EPOCH, duplicate);
  }

  BotQuestion question(int attempt) {
    return new BotQuestion(bot, BOT, ASKED, GROUP, attempt);
  }

  private synchronized CompletableFuture<@Nullable ChangeAck> edited() {
    CompletableFuture<@Nullable ChangeAck> next = editAnswers.poll();
    return next == null ? CompletableFuture.completedFuture(null) : next;
  }

  private <T> T play(Class<T> type, String who) {
    return type.cast(
        Proxy.newProxyInstance(
            PlayedChat.class.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              switch (method.getName()) {
                case "editMessage":
                  MessageEdit edit = (MessageEdit) arguments[2];
                  edits.add(edit);
                  calls.add(who + " edits " + arguments[1] + ": " + edit.text());
                  return edited();
                case "send":
                  NewMessage message = (NewMessage) arguments[1];
                  sent.add(message);
                  calls.add(who + " sends " + message.text());
                  return sendAnswer;
                case "history":
                  calls.add(who + " reads " + ((HistoryQuery) arguments[1]).seq());
                  return CompletableFuture.completedFuture(new MessagePage(history, false));
                default:
                  throw new AssertionError(method.getName());
              }
            }));
  }
}
