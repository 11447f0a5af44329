package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.memory.InMemoryMessageStore;
import java.util.concurrent.CountDownLatch;

/** Two users talk, in memory: the smallest program with the engine. */
public final class TwoUsers {
  public static void main(String[] args) throws InterruptedException {
    UserId bob = UserId.of("bob");
    CountDownLatch heard = new CountDownLatch(1);
    ChatListener bobsPhone =
        event -> {
          if (event instanceof MessageReceived it) {
            System.out.println("bob hears " + it.message().from() + ": " + it.message().text());
            heard.countDown();
          }
        };
    try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      engine.connect(bob, DeviceId.of("phone"), bobsPhone).toCompletableFuture().join();
      ChatUser ada = engine.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(bob).toCompletableFuture().join().id();
      ada.send(talk, NewMessage.text("Hello, Bob")).toCompletableFuture().join(); // committed
      heard.await();
    }
  }
}
