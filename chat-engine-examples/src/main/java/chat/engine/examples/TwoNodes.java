package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Two engines that share a PostgreSQL and a Redis are one cluster: users connected to different
 * ones talk as if they were on the same. Both run in this JVM only to keep the example short; on
 * two machines nothing would differ.
 */
public final class TwoNodes {
  private TwoNodes() {}

  /** Starts the two servers, both nodes, and a short conversation. */
  public static void main(String[] args) throws InterruptedException {
    System.out.println("Starting PostgreSQL and Redis ...");
    try (LocalServers servers = LocalServers.start();
        ChatEngine north = node(servers);
        ChatEngine south = node(servers)) {
      UserId ada = UserId.of("ada");
      UserId bob = UserId.of("bob");
      UserId cleo = UserId.of("cleo");
      CountDownLatch heard = new CountDownLatch(4);
      ChatSession adaOnNorth = connect(north, ada, "north", heard);
      ChatSession bobOnSouth = connect(south, bob, "south", heard);
      connect(south, cleo, "south", heard);

      Conversation direct = adaOnNorth.openDirect(bob).join();
      adaOnNorth.send(direct.id(), NewMessage.text("Hello from the north")).join();

      bobOnSouth.send(direct.id(), NewMessage.text("Hello from the south")).join();

      Conversation group = bobOnSouth.createGroup("travellers", Set.of(ada, cleo)).join();
      bobOnSouth.send(group.id(), NewMessage.text("Where shall we go?")).join();

      if (!heard.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "not everybody heard everything: " + heard.getCount() + " missing");
      }
      adaOnNorth.markRead(direct.id(), 2).join();
      List<Message> history =
          bobOnSouth.history(direct.id(), HistoryQuery.newest()).join().messages();

      System.out.println("The direct conversation, as the south reads it:");
      history.forEach(
          message ->
              System.out.println(
                  "  " + message.seq() + "  " + message.from() + ": " + message.text()));
    }
    System.out.println("Done.");
  }

  private static ChatEngine node(LocalServers servers) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
        .router(RedisRouter.open(servers.redisUrl()))
        .build();
  }

  private static ChatSession connect(
      ChatEngine engine, UserId user, String node, CountDownLatch heard) {
    ChatListener listener =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            System.out.printf(
                "  %s, on %s, hears %s: %s%n", user, node, message.from(), message.text());
            heard.countDown();
          }

          @Override
          public void onConversation(ChatSession session, ConversationChanged changed) {
            if (changed.conversation().name() != null) {
              System.out.printf(
                  "  %s, on %s, is in the group %s%n", user, node, changed.conversation().name());
            }
          }

          @Override
          public void onReceipt(ChatSession session, ReceiptMoved receipt) {
            System.out.printf(
                "  %s, on %s, sees that %s read up to %d%n",
                user, node, receipt.user(), receipt.seq());
          }
        };
    return engine.connect(user, DeviceId.of("example"), listener).join();
  }
}
