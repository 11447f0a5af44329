package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.MessageReceived;
import chat.engine.memory.InMemoryMessageStore;
import java.util.concurrent.CountDownLatch;

/** Two users talk, in memory: the smallest program with the engine. */
public final class TwoUsers {
  public static void main(String[] args) throws InterruptedException {
    CountDownLatch heard = new CountDownLatch(1);
    UserId ada = UserId.of("ada");
    UserId bob = UserId.of("bob");
    try (ChatEngine engine = ChatEngine.builder().store(new InMemoryMessageStore()).build()) {
      engine
          .connect(
              bob,
              DeviceId.of("phone"),
              event -> {
                if (event instanceof MessageReceived received) {
                  System.out.println(
                      "bob hears " + received.message().from() + ": " + received.message().text());
                  heard.countDown();
                }
              })
          .toCompletableFuture()
          .join();

      ChatSession session =
          engine.connect(ada, DeviceId.of("laptop"), event -> {}).toCompletableFuture().join();
      Conversation conversation = session.openDirect(bob).toCompletableFuture().join();
      long seq =
          session
              .send(conversation.id(), NewMessage.text("Hello, Bob"))
              .toCompletableFuture()
              .join()
              .seq();
      System.out.println("ada's message is committed as number " + seq);
      heard.await();
    }
  }
}
