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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Two users talk, in memory or on the PostgreSQL of {@code CHAT_POSTGRES_URL}; library and
 * application are named modules.
 */
public final class ModularChat {
  public static void main(String[] args) throws Exception {
    requireNamed(ModularChat.class);
    requireNamed(ChatEngine.class);
    // What Flyway looks for: the resources of a module are hidden unless their package is open.
    ClassLoader classes = ChatEngine.class.getClassLoader();
    require(
        classes.getResource("chat/engine/migrations/V1__chat.sql") != null,
        "the migrations of the schema are hidden in the module");
    // Only connects when it is started, but needs all of Jedis.
    RedisRouter.open("redis://127.0.0.1:1").close();

    CompletableFuture<Message> heard = new CompletableFuture<>();
    ChatListener phone =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            heard.complete(message);
          }
        };
    UserId bob = UserId.of("bob");
    String url = System.getenv("CHAT_POSTGRES_URL");
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(
                url == null
                    ? new InMemoryMessageStore()
                    : PostgresMessageStore.open(url, null, null))
            .build()) {
      engine.connect(bob, DeviceId.of("phone"), phone).join();
      ChatUser ada = engine.asUser(UserId.of("ada"));
      ConversationId talk = ada.openDirect(bob).join().id();
      ada.send(talk, NewMessage.text("Hello from a module")).join();
      System.out.println(
          ModularChat.class.getModule()
              + " and "
              + ChatEngine.class.getModule()
              + ": "
              + heard.get(30, TimeUnit.SECONDS).text());
    }
  }

  private static void requireNamed(Class<?> type) {
    require(type.getModule().isNamed(), type + " is not on the module path");
  }

  private static void require(boolean holds, String complaint) {
    if (!holds) {
      throw new IllegalStateException(complaint);
    }
  }
}
