package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.PresenceChanged;
import chat.engine.event.TypingChanged;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.spi.Router;
import chat.engine.testkit.ActiveFault;
import chat.engine.testkit.Fault;
import chat.engine.testkit.RecordingListener;
import chat.engine.testkit.TestChat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Presence and typing through whole engines, where parts are wired to each other. */
@Timeout(120)
final class PresenceEngineTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Duration SOON = Duration.ofSeconds(30);

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();
  private final List<ChatEvent> seenByAda = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine node(Router router, Duration grace) {
    ChatEngine engine =
        ChatEngine.builder().store(store).router(router).presenceGrace(grace).build();
    engines.add(engine);
    return engine;
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.join();
  }

  private static ChatSession connect(ChatEngine engine, UserId user, ChatListener listener) {
    return get(engine.connect(user, DeviceId.of("phone"), listener));
  }

  private <E extends ChatEvent> List<E> seen(Class<E> type) {
    return seenByAda.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Test
  void usersOfANodeThatDiedAreNotGoneBeforeTheGraceIsOver() {
    ChatEngine north = node(network.join(), Duration.ofMinutes(5));
    InMemoryRouter doomed = network.join();
    ChatEngine south = node(doomed, Duration.ofMinutes(5));
    connect(south, BOB, ChatListener.of(event -> {}));
    ChatSession ada = connect(north, ADA, ChatListener.of(seenByAda::add));
    assertThat(get(ada.watchPresence(Set.of(BOB)))).extracting(Presence::online).containsOnly(true);
    doomed.crash();
    await()
        .pollDelay(Belief.CONFIRMATION.plusSeconds(2)) // without a grace they would be gone
        .atMost(SOON)
        .untilAsserted(() -> assertThat(seen(PresenceChanged.class)).isEmpty());
  }

  @Test
  void whoWasWithinTheGraceWhenTheNodeLeftIsGoneWithTheTime() {
    Duration grace = Duration.ofSeconds(1);
    ChatEngine north = node(network.join(), grace);
    ChatEngine south = node(network.join(), grace);
    ChatSession bob = connect(south, BOB, ChatListener.of(event -> {}));
    ChatSession ada = connect(north, ADA, ChatListener.of(seenByAda::add));
    assertThat(get(ada.watchPresence(Set.of(BOB)))).extracting(Presence::online).containsOnly(true);
    bob.close();
    south.close();
    await().atMost(SOON).until(() -> !seen(PresenceChanged.class).isEmpty());
    Presence presence = seen(PresenceChanged.class).get(0).presence();
    assertThat(presence.online()).isFalse();
    assertThat(presence.lastSeenAt()).isNotNull();
  }

  @Test
  void aMessageEndsTheTypingOnEveryNode() {
    ChatEngine north = node(network.join(), Duration.ofSeconds(10));
    ChatEngine south = node(network.join(), Duration.ofSeconds(10));
    List<ChatEvent> seenByOther = new CopyOnWriteArrayList<>();
    connect(north, ADA, ChatListener.of(seenByAda::add));
    connect(south, ADA, ChatListener.of(seenByOther::add));
    ConversationId talk = get(south.asUser(BOB).openDirect(ADA)).id();
    get(south.asUser(ADA).send(talk, NewMessage.text("hello")));
    ChatSession bob = connect(south, BOB, ChatListener.of(event -> {}));
    bob.typing(talk, true);
    await()
        .atMost(SOON)
        .until(
            () ->
                seen(TypingChanged.class).size() == 1
                    && seenByOther.stream().anyMatch(TypingChanged.class::isInstance));
    long sent = System.nanoTime();
    get(bob.send(talk, NewMessage.text("done")));
    await().atMost(SOON).until(() -> seen(TypingChanged.class).size() == 2);
    await()
        .atMost(SOON)
        .until(() -> seenByOther.stream().filter(TypingChanged.class::isInstance).count() == 2);
    assertThat(System.nanoTime() - sent).isLessThan(Duration.ofSeconds(6).toNanos());
    assertThat(seen(TypingChanged.class))
        .extracting(TypingChanged::on)
        .containsExactly(true, false);
  }

  @Test
  void typingThatAMessageOvertakesIsNotShownAfterIt() {
    try (TestChat chat = TestChat.open(engine -> engine.storeThreads(1))) {
      RecordingListener ada = chat.connect(ADA);
      RecordingListener bob = chat.connect(BOB);
      ConversationId talk = get(bob.session().createGroup("talk", Set.of(ADA))).id();
      ada.awaitNext(ConversationChanged.class);
      bob.awaitNext(ConversationChanged.class);
      ActiveFault held = chat.inject(Fault.held().onReads());
      bob.session().typing(talk, true); // which looks up the members of the group
      held.awaitHits(1);
      get(bob.session().send(talk, NewMessage.text("first")));
      ada.awaitMessage("first");
      held.close();
      get(bob.session().history(talk, HistoryQuery.newest())); // behind it, on the only thread
      get(bob.session().send(talk, NewMessage.text("second")));
      ada.awaitMessage("second");
      assertThat(ada.events(TypingChanged.class)).isEmpty();

      bob.session().typing(talk, true); // the next message
      assertThat(ada.awaitNext(TypingChanged.class).on()).isTrue();
    }
  }
}
