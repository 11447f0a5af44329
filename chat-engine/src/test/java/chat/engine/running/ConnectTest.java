package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Connected;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import chat.engine.event.SessionEnded;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.testkit.RecordingListener;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConnectTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId PHONE = DeviceId.of("phone");

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void closeEngines() {
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine start(EngineBuilder builder) {
    ChatEngine engine = builder.store(store).build();
    engines.add(engine);
    return engine;
  }

  private ChatEngine node() {
    return start(ChatEngine.builder().router(network.join()));
  }

  private static void refused(ErrorCode code, CompletableFuture<?> call) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  @Test
  void aDeviceThatReturnsLearnsWhatItMissedAndThenGetsWhatFollows() {
    ChatEngine engine = node();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    for (int i = 1; i <= 3; i++) {
      engine.asUser(ADA).send(talk, NewMessage.text("m" + i)).join();
    }
    RecordingListener phone = new RecordingListener();
    Connected connected = engine.connect(BOB, PHONE, Map.of(talk, SyncCursor.at(1)), phone).join();
    assertThat(connected.session().user()).isEqualTo(BOB);
    ConversationState state = connected.sync().conversations().get(0);
    assertThat(state.missed()).extracting(Message::text).containsExactly("m2", "m3");
    assertThat(state.unread()).isEqualTo(3);
    engine.asUser(ADA).send(talk, NewMessage.text("m4")).join();
    await().until(() -> phone.texts(talk).equals(List.of("m4")));
  }

  @Test
  void aCursorThatCannotBeEndsTheSession() {
    ChatEngine engine = node();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    refused(
        ErrorCode.BAD_REQUEST,
        engine.connect(BOB, PHONE, Map.of(talk, SyncCursor.at(7)), new RecordingListener()));
    assertThat(engine.sessionCount()).isZero();
  }

  @Test
  void aListenerIsGivenItsSession() {
    ChatEngine engine = node();
    ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
    List<String> heard = new CopyOnWriteArrayList<>();
    ChatListener echo =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            heard.add(session.user() + " " + session.device() + " " + message.text());
            session.send(message.conversation(), NewMessage.text("echo " + message.text()));
          }
        };
    engine.connect(BOB, PHONE, echo).join();
    RecordingListener ada = new RecordingListener();
    ChatSession adas = engine.connect(ADA, PHONE, ada).join();
    adas.send(talk, NewMessage.text("hello")).join();
    await().until(() -> ada.texts(talk).equals(List.of("echo hello")));
    assertThat(heard).containsExactly("bob phone hello");
  }

  @Test
  void aDisconnectEndsTheSessionsOnEveryNode() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener here = new RecordingListener();
    RecordingListener there = new RecordingListener();
    RecordingListener other = new RecordingListener();
    north.connect(BOB, PHONE, here).join();
    south.connect(BOB, DeviceId.of("laptop"), there).join();
    south.connect(ADA, PHONE, other).join();
    north.disconnect(BOB, "logged out").join();
    SessionEnded end =
        new SessionEnded(SessionEnded.Reason.DISCONNECTED, Duration.ZERO, "logged out");
    await().until(() -> here.events().contains(end) && there.events().contains(end));
    assertThat(other.events()).isEmpty();
    await().until(() -> north.sessionCount() == 0 && south.sessionCount() == 1);
  }

  @Test
  void aDisconnectThatOtherNodesCannotHearOfFails() {
    ChatEngine engine = start(ChatEngine.builder().router(deaf(network.join())));
    RecordingListener here = new RecordingListener();
    engine.connect(BOB, PHONE, here).join();
    refused(ErrorCode.UNAVAILABLE, engine.disconnect(BOB, "suspended"));
    await().until(() -> engine.sessionCount() == 0);
    refused(ErrorCode.BAD_REQUEST, engine.disconnect(BOB, ""));
    refused(ErrorCode.BAD_REQUEST, engine.disconnect(BOB, "x".repeat(201)));
  }

  /** A router that takes no publication. */
  private static Router deaf(Router router) {
    return (Router)
        Proxy.newProxyInstance(
            Router.class.getClassLoader(),
            new Class<?>[] {Router.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("publish")) {
                List<?> publications = (List<?>) arguments[0];
                assertThat(publications).allMatch(Publication.class::isInstance);
                throw new RouterUnavailableException("away, on purpose", null);
              }
              try {
                return method.invoke(router, arguments);
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  @Test
  void aUserHasAtMostSoManySessionsOnANode() {
    ChatEngine engine = start(ChatEngine.builder().maxSessionsPerUser(2));
    ChatSession first = engine.connect(BOB, PHONE, new RecordingListener()).join();
    engine.connect(BOB, PHONE, new RecordingListener()).join();
    refused(ErrorCode.RATE_LIMITED, engine.connect(BOB, PHONE, new RecordingListener()));
    assertThat(engine.counters()).containsEntry("sessions_refused", 1L);
    engine.connect(ADA, PHONE, new RecordingListener()).join();
    first.close();
    engine.connect(BOB, PHONE, new RecordingListener()).join();
    assertThat(engine.sessionCount()).isEqualTo(3);
  }

  @Test
  void theNameOfAUserMayHave255CharactersOfAnyScript() {
    UserId longest = UserId.of("\u6f22".repeat(255)); // 765 bytes in UTF-8
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener witness = new RecordingListener();
    south.connect(longest, PHONE, witness).join();
    ConversationId talk = north.asUser(ADA).openDirect(longest).join().id();
    north.asUser(ADA).send(talk, NewMessage.text("hello")).join();
    await().until(() -> witness.texts(talk).equals(List.of("hello")));
  }
}
