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
import chat.engine.memory.InMemoryMessageStore;
import java.util.concurrent.CountDownLatch;

/** Two users talk, in memory: the smallest program with the engine. */
public final class TwoUsers {
  public static void main(String[] args) throws InterruptedException {
    UserId bob = UserId.of("bob");
    CountDownLatch heard = new CountDownLatch(1);
    ChatListener bobsPhone =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            System.out.println("bob hears " + message.from() + ": " + message.text());
            heard.countDown();
          }
        };
    try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      engine.connect(bob, DeviceId.of("phone"), bobsPhone).join();
      ChatUser ada = engine.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(bob).join().id();
      ada.send(talk, NewMessage.text("Hello, Bob")).join(); // committed
      heard.await();
    }
  }
}
