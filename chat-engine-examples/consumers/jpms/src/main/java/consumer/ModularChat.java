package consumer;

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
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import chat.engine.spi.MessageStore;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Two users talk, in memory and on PostgreSQL; library and application are named modules. With a
 * URL of a Redis as the argument, over that too.
 */
public final class ModularChat {
  public static void main(String[] args) throws Exception {
    requireNamed(ModularChat.class);
    requireNamed(ChatEngine.class);
    talk(ChatEngine.builder().store(new InMemoryMessageStore()).build(), "in memory");
    try (EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setServerConfig("listen_addresses", "127.0.0.1")
            .setLocaleConfig("locale", "C")
            .start()) {
      MessageStore store = PostgresMessageStore.open(postgres.getPostgresDatabase());
      String redis = args.length == 0 ? "redis://127.0.0.1:1" : args[0];
      RedisRouter router = RedisRouter.open(redis);
      if (args.length == 0) {
        router.close();
        talk(ChatEngine.builder().store(store).build(), "on PostgreSQL");
      } else {
        talk(ChatEngine.builder().store(store).router(router).build(), "on PostgreSQL and Redis");
      }
    }
  }

  private static void talk(ChatEngine built, String where) throws Exception {
    CompletableFuture<Message> heard = new CompletableFuture<>();
    ChatListener phone =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            heard.complete(message);
          }
        };
    try (ChatEngine engine = built) {
      UserId bob = UserId.of("bob");
      engine.connect(bob, DeviceId.of("phone"), phone).join();
      ChatUser ada = engine.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(bob).join().id();
      ada.send(talk, NewMessage.text("Hello from a module, " + where)).join();
      System.out.println(heard.get(30, TimeUnit.SECONDS).text());
      if (!engine.health().router()) {
        throw new IllegalStateException("the router is not healthy " + where);
      }
    }
  }

  private static void requireNamed(Class<?> type) {
    if (!type.getModule().isNamed()) {
      throw new IllegalStateException(type + " is not on the module path");
    }
  }
}
