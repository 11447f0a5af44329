package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.postgres.PostgresMessageStore;
import chat.engine.redis.RedisRouter;
import chat.engine.spi.Router;
import chat.engine.testing.PrivateRedis;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import chat.engine.testing.TestRedis;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node's process dies after its messages were committed and before a word of them got out. */
@Timeout(90)
final class NodeDeathTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final String PREFIX = "death";
  private static final int DIED = 137;

  @Test
  void whatADeadNodeCommittedAndNeverPublishedArrivesWithinTenSeconds() throws Exception {
    try (TestDatabase database = TestPostgres.chatDatabase();
        PrivateRedis redis = TestRedis.startPrivate();
        ChatEngine survivor =
            engine(
                database.jdbcUrl(),
                database.user(),
                database.password(),
                RedisRouter.open(redis.uri().toString(), PREFIX))) {
      ConversationId talk = survivor.asUser(ADA).openDirect(BOB).get(10, TimeUnit.SECONDS).id();
      RecordingListener bob = new RecordingListener();
      survivor.connect(BOB, DeviceId.of("phone"), bob).get(10, TimeUnit.SECONDS);

      Process doomed =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  DoomedNode.class.getName(),
                  database.jdbcUrl(),
                  database.user(),
                  database.password(),
                  redis.uri().toString(),
                  talk.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        assertThat(doomed.waitFor(40, TimeUnit.SECONDS)).isTrue();
      } finally {
        doomed.destroyForcibly();
      }

      assertThat(doomed.exitValue()).isEqualTo(DIED);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(bob.texts(talk)).isNotEmpty());
      List<String> stored =
          survivor
              .asUser(BOB)
              .history(talk, HistoryQuery.newest())
              .get(10, TimeUnit.SECONDS)
              .messages()
              .stream()
              .map(message -> message.text())
              .toList();
      assertThat(stored).isNotEmpty();
      assertThat(bob.texts(talk)).isEqualTo(stored);
    }
  }

  private static ChatEngine engine(String url, String user, String password, Router router) {
    return ChatEngine.builder()
        .store(PostgresMessageStore.open(url, user, password))
        .router(router)
        .build();
  }

  /** A node that dies in the moment in which it would publish its first message. */
  static final class DoomedNode {
    private DoomedNode() {}

    public static void main(String[] args) throws Exception {
      RedisRouter router = RedisRouter.open(args[3], PREFIX);
      AtomicBoolean sending = new AtomicBoolean();
      Router deadly =
          (Router)
              Proxy.newProxyInstance(
                  DoomedNode.class.getClassLoader(),
                  new Class<?>[] {Router.class},
                  (proxy, method, arguments) -> {
                    if (method.getName().equals("publish") && sending.get()) {
                      Runtime.getRuntime().halt(DIED);
                    }
                    try {
                      return method.invoke(router, arguments);
                    } catch (InvocationTargetException fault) {
                      throw fault.getCause();
                    }
                  });
      ChatEngine engine = engine(args[0], args[1], args[2], deadly);
      sending.set(true);
      engine
          .asUser(ADA)
          .send(ConversationId.parse(args[4]), NewMessage.text("my last words"))
          .get(20, TimeUnit.SECONDS);
      Thread.currentThread().join(20_000); // the publisher ends the process before this is over
    }
  }
}
