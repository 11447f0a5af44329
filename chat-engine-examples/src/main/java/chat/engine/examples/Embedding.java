package chat.engine.examples;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import javax.sql.DataSource;

/**
 * What an application writes to have chat; the README shows it, and a test sees that it shows
 * exactly this.
 */
final class Embedding {
  private Embedding() {}

  static void chat(DataSource dataSource, String redisUrl) {
    // readme-begin
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(PostgresMessageStore.open(dataSource)) // your pool, your database
            .router(RedisRouter.open(redisUrl)) // leave it out on a single node
            .build()) {
      UserId ada = UserId.of("ada"); // your users, your login
      UserId bob = UserId.of("bob");
      engine.connect(
          bob, DeviceId.of("phone"), ChatListener.of(event -> System.out.println("bob: " + event)));
      ChatSession session =
          engine.connect(ada, DeviceId.of("laptop"), ChatListener.of(event -> {})).join();
      Conversation talk = session.openDirect(bob).join();
      session.send(talk.id(), NewMessage.text("Hello")).join(); // committed
    }
    // readme-end
  }
}
