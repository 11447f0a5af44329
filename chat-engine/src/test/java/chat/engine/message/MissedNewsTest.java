package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.Resync;
import chat.engine.memory.InMemoryRouter;
import chat.engine.running.TwoNodeTest;
import chat.engine.spi.Router;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes of which one hears nothing of the other: everything arrives, by comparing alone. */
@Timeout(120)
final class MissedNewsTest extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private ChatSession connect(UserId user, RecordingListener witness) {
    return get(south.connect(user, DeviceId.of("d"), witness));
  }

  private void send(ConversationId conversation, String text) {
    get(north.asUser(ADA).send(conversation, NewMessage.text(text)));
  }

  @Test
  void theLastMessageArrivesThoughNoLaterOneComes() {
    RecordingListener bob = new RecordingListener();
    connect(BOB, bob);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    southRouter.cut();
    send(talk, "last");
    send(group, "last");
    await().atMost(LONG).untilAsserted(() -> assertThat(bob.texts(talk)).containsExactly("last"));
    await().atMost(LONG).untilAsserted(() -> assertThat(bob.texts(group)).containsExactly("last"));
  }

  /** The phone did not hear of the group, and the laptop, which did, opened its feed. */
  @Test
  void aSessionHearsOfAGroupThatAnotherSessionOfItsUserKnows() {
    RecordingListener phone = new RecordingListener();
    ChatSession phoneSession = connect(BOB, phone);
    southRouter.cut();
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    RecordingListener laptop = new RecordingListener();
    connect(BOB, laptop);
    await()
        .atMost(LONG)
        .until(
            () ->
                !phone.events(ConversationChanged.class).isEmpty()
                    || !phone.events(Resync.class).isEmpty());
    if (!phone.events(Resync.class).isEmpty()) {
      get(phoneSession.sync(Map.of()));
    }
    send(group, "hello");
    await().atMost(LONG).untilAsserted(() -> assertThat(phone.texts(group)).contains("hello"));
    await().atMost(LONG).untilAsserted(() -> assertThat(laptop.texts(group)).contains("hello"));
  }

  @Test
  void aMemberHearsOfAGroupWhoseFeedAnotherMemberOpened() {
    RecordingListener cleo = new RecordingListener();
    ChatSession cleoSession = connect(CLEO, cleo);
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB))).id();
    southRouter.cut();
    get(north.asUser(ADA).addMembers(group, Set.of(CLEO)));
    RecordingListener bob = new RecordingListener();
    connect(BOB, bob);
    await()
        .atMost(LONG)
        .until(
            () ->
                !cleo.events(ConversationChanged.class).isEmpty()
                    || !cleo.events(Resync.class).isEmpty());
    if (!cleo.events(Resync.class).isEmpty()) {
      get(cleoSession.sync(Map.of()));
    }
    send(group, "hello");
    await().atMost(LONG).untilAsserted(() -> assertThat(cleo.texts(group)).contains("hello"));
  }

  @Test
  void theRemovedHearNothingMoreThoughTheirNodeHeardNothingOfIt() {
    RecordingListener bob = new RecordingListener();
    RecordingListener cleo = new RecordingListener();
    connect(BOB, bob);
    connect(CLEO, cleo);
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    send(group, "before");
    await().atMost(LONG).until(() -> bob.texts(group).size() == 1);
    southRouter.cut();
    get(north.asUser(ADA).removeMembers(group, Set.of(BOB)));
    send(group, "secret");
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(cleo.texts(group)).containsExactly("before", "secret"));
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(bob.events(ConversationChanged.class)).hasSize(2));
    assertThat(bob.texts(group)).containsExactly("before");
  }

  /** E2f: between "registered" and "subscribed" of the first session. */
  @Test
  void aSecondSessionWaitsForTheRouteOfItsUserAsTheFirstDoes() {
    CountDownLatch goOn = new CountDownLatch(1);
    InMemoryRouter real = network.join();
    Router slow =
        (Router)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Router.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("subscribe")
                      && arguments[0].toString().contains("user:bob")) {
                    goOn.await();
                  }
                  try {
                    return method.invoke(real, arguments);
                  } catch (InvocationTargetException fault) {
                    throw Objects.requireNonNull(fault.getCause());
                  }
                });
    ChatEngine east = node(slow);
    RecordingListener laptop = new RecordingListener();
    CompletableFuture<ChatSession> first =
        east.connect(BOB, DeviceId.of("phone"), new RecordingListener());
    CompletableFuture<ChatSession> second = east.connect(BOB, DeviceId.of("laptop"), laptop);
    await().during(Duration.ofMillis(200)).until(() -> !first.isDone() && !second.isDone());
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    send(talk, "before");
    goOn.countDown();
    get(second);
    send(talk, "after");
    await().atMost(LONG).untilAsserted(() -> assertThat(laptop.texts(talk)).endsWith("after"));
  }
}
