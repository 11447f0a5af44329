package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.MessageId;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.Draft;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node dies between the commit and what follows it, and the client sends again elsewhere. */
@Timeout(120)
final class RetriedSendTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(ChatEngine::close);
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  /** A node that finds nothing by comparing itself with the store. */
  private ChatEngine node() {
    MessageStore blind =
        (MessageStore)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("writesSince")) {
                    throw new StoreUnavailableException("on purpose", null);
                  }
                  try {
                    return method.invoke(store, arguments);
                  } catch (InvocationTargetException fault) {
                    throw Objects.requireNonNull(fault.getCause());
                  }
                });
    ChatEngine engine = ChatEngine.builder().store(blind).router(network.join()).build();
    engines.add(engine);
    return engine;
  }

  @Test
  void whatWasStoredButNeverPublishedReachesReadersHereAndOnOtherNodesWithTheRetry() {
    ChatEngine north = node();
    ChatEngine south = node();
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    RecordingListener phone = new RecordingListener();
    RecordingListener laptop = new RecordingListener();
    get(north.connect(BOB, DeviceId.of("phone"), phone));
    get(south.connect(BOB, DeviceId.of("laptop"), laptop));
    NewMessage message = NewMessage.text("hello");
    try (SonyflakeIdGenerator ids = SonyflakeIdGenerator.fixed(65_535)) {
      store.append(
          List.of(
              Draft.of(
                  MessageId.of(ids.next(1)[0]),
                  talk,
                  ADA,
                  message,
                  message.contentHash(),
                  Instant.now().truncatedTo(ChronoUnit.MILLIS),
                  Draft.UNVERIFIED)),
          Duration.ZERO);
    }

    SendAck ack = get(north.asUser(ADA).send(talk, message));

    assertThat(ack.duplicate()).isTrue();
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(phone.texts(talk)).containsExactly("hello"));
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(laptop.texts(talk)).containsExactly("hello"));
  }
}
