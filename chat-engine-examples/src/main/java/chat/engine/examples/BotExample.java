package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.bot.Answer;
import chat.engine.bot.Question;
import chat.engine.bot.StreamedAnswer;
import chat.engine.event.MessageChanged;
import chat.engine.memory.InMemoryMessageStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A bot that answers by rules, in memory: one question at once, another piece by piece, as a
 * language model does.
 */
public final class BotExample {
  private static final UserId CLERK = UserId.of("clerk");

  private BotExample() {}

  /** Prints both answers as ada reads them. */
  public static void main(String[] args) throws InterruptedException {
    Phone phone = new Phone();
    try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      engine.bots(Map.of(CLERK, BotExample::answer)).join();
      engine.connect(UserId.of("ada"), DeviceId.of("phone"), phone).join();
      ChatUser ada = engine.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(CLERK).join().id();
      for (String question : List.of("When do you open?", "How do I find you?")) {
        System.out.println("ada asks: " + question);
        ada.send(talk, NewMessage.text(question)).join();
        phone.answers.acquire();
      }
    }
    System.out.println("Done.");
  }

  /** May block: it runs on the engine's threads for hooks. */
  private static CompletionStage<?> answer(Question question, Answer answer)
      throws InterruptedException {
    if (!question.message().text().contains("find")) {
      return answer.reply("At nine, every day but Sunday.");
    }
    StreamedAnswer stream = answer.stream().join();
    for (String piece :
        List.of("Leave the station by the north exit,", " turn left,", " and ring.")) {
      stream.append(piece);
      TimeUnit.MILLISECONDS.sleep(500);
    }
    return stream.finish();
  }

  /** Shows what the clerk says. An answer is complete when it is not being written any more. */
  private static final class Phone implements ChatListener {
    private final Semaphore answers = new Semaphore(0);

    @Override
    public void onMessage(ChatSession session, Message message) {
      show(message);
    }

    @Override
    public void onMessageChanged(ChatSession session, MessageChanged changed) {
      show(changed.message());
    }

    private void show(Message message) {
      if (message.from().equals(CLERK)) {
        String attributes = message.attributes();
        boolean writing = attributes != null && attributes.contains("\"writing\":true");
        System.out.println((writing ? "clerk writes: " : "clerk: ") + message.text());
        if (!writing) {
          answers.release();
        }
      }
    }
  }
}
