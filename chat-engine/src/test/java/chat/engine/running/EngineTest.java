package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.DeviceId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.MemberList;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.Resync;
import chat.engine.event.SessionEnded;
import chat.engine.event.TypingChanged;
import chat.engine.hook.SendHook;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.memory.InMemoryRouter;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EngineTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CAROL = UserId.of("carol");
  private static final UserId CLEO = UserId.of("cleo");

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();
  private final List<ChatEngine> engines = new ArrayList<>();

  @AfterEach
  void closeEngines() {
    engines.forEach(ChatEngine::close);
  }

  private ChatEngine node() {
    return start(builder().router(network.join()));
  }

  private EngineBuilder builder() {
    return ChatEngine.builder().store(store).presenceGrace(Duration.ofMillis(300));
  }

  private ChatEngine start(EngineBuilder builder) {
    ChatEngine engine = builder.build();
    engines.add(engine);
    return engine;
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof ChatException refusal) {
        throw refusal;
      }
      throw failed;
    }
  }

  private static ChatSession connect(ChatEngine engine, UserId user, RecordingListener witness) {
    return get(engine.connect(user, DeviceId.of("device"), witness));
  }

  private static void refused(ErrorCode code, CompletableFuture<?> future) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
  }

  // ---- sessions

  @Test
  void everyOtherConnectionOfEveryMemberGetsAMessageAndTheSenderTheAnswer() {
    ChatEngine engine = node();
    RecordingListener phone = new RecordingListener();
    RecordingListener laptop = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession ada = connect(engine, ADA, phone);
    connect(engine, ADA, laptop);
    connect(engine, BOB, bob);
    ConversationId talk = get(ada.openDirect(BOB)).id();

    SendAck ack = get(ada.send(talk, NewMessage.text("hi")));

    assertThat(ack.seq()).isEqualTo(1);
    await().untilAsserted(() -> assertThat(bob.texts(talk)).containsExactly("hi"));
    await().untilAsserted(() -> assertThat(laptop.texts(talk)).containsExactly("hi"));
    get(ada.send(talk, NewMessage.text("again")));
    await().untilAsserted(() -> assertThat(laptop.texts(talk)).containsExactly("hi", "again"));
    assertThat(phone.texts(talk)).isEmpty();
  }

  @Test
  void aUserSeesTheirConversationsAndWhoSharesThem() {
    ChatEngine engine = node();
    Conversation talk = get(engine.asUser(ADA).openDirect(BOB));
    Conversation group = get(engine.asUser(ADA).createGroup("hikers", Set.of(CAROL)));
    assertThat(get(engine.asUser(ADA).conversations(PageQuery.first())).items())
        .containsExactlyInAnyOrder(talk, group);
    assertThat(get(engine.asUser(BOB).conversations(PageQuery.first())).items())
        .containsExactly(talk);
    Set<UserId> all = Set.of(ADA, BOB, CAROL);
    assertThat(get(engine.asUser(ADA).fellowMembers(all))).containsExactlyInAnyOrder(BOB, CAROL);
    assertThat(get(engine.asUser(BOB).fellowMembers(all))).containsExactly(ADA);
  }

  @Test
  void aListenerThatDoesNotKeepUpIsToldToSyncAndThenContinuesWithoutAGap() {
    ChatEngine engine = start(builder().sessionBudgetBytes(20_000));
    RecordingListener bob = new RecordingListener();
    ChatSession slow = connect(engine, BOB, bob);
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    slow.pause();
    for (int i = 0; i < 200; i++) {
      get(engine.asUser(ADA).send(talk, NewMessage.text("message " + i)));
    }
    // An acknowledgement does not wait for the feed, which may not have offered much yet.
    await().until(() -> engine.counters().get("resyncs") == 1);
    slow.resume();
    await().untilAsserted(() -> assertThat(bob.events(Resync.class)).hasSize(1));
    assertThat(bob.texts(talk)).isEmpty();

    SyncResult synced = get(slow.sync(Map.of(talk, SyncCursor.at(0))));
    ConversationState state = synced.conversations().get(0);
    assertThat(state.lastSeq()).isEqualTo(200);
    assertThat(state.missed()).hasSize(100);
    assertThat(state.hasMore()).isTrue();
    assertThat(state.unread()).isEqualTo(200);
    get(engine.asUser(ADA).send(talk, NewMessage.text("next")));
    await()
        .untilAsserted(
            () -> assertThat(bob.messages(talk)).extracting(m -> m.seq()).containsExactly(201L));
  }

  @Test
  void aSessionThatStandsStillForTooLongIsEnded() {
    ChatEngine engine =
        start(builder().sessionBudgetBytes(2_000).stalledSessionTimeout(Duration.ofMillis(200)));
    RecordingListener bob = new RecordingListener();
    ChatSession slow = connect(engine, BOB, bob);
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    slow.pause();
    for (int i = 0; i < 20; i++) {
      get(engine.asUser(ADA).send(talk, NewMessage.text("message " + i)));
    }
    await()
        .untilAsserted(
            () ->
                assertThat(bob.events(SessionEnded.class))
                    .extracting(SessionEnded::reason)
                    .containsExactly(SessionEnded.Reason.TOO_SLOW));
    refused(ErrorCode.UNAVAILABLE, slow.send(talk, NewMessage.text("late")));
  }

  @Test
  void listenersThatBlockOrThrowDelayNobodyElse() {
    ChatEngine engine = node();
    CountDownLatch forEver = new CountDownLatch(1);
    List<UserId> blocked = IntStream.range(0, 20).mapToObj(i -> UserId.of("blocked" + i)).toList();
    for (UserId user : blocked) {
      get(
          engine.connect(
              user,
              DeviceId.of("d"),
              ChatListener.of(
                  event -> {
                    if (event instanceof MessageReceived) {
                      try {
                        forEver.await();
                      } catch (InterruptedException end) {
                        Thread.currentThread().interrupt();
                      }
                    }
                  })));
    }
    RecordingListener thrower = new RecordingListener();
    get(
        engine.connect(
            BOB,
            DeviceId.of("d"),
            new ChatListener() {
              @Override
              public void onEvent(ChatSession session, ChatEvent event) {
                thrower.onEvent(session, event);
                throw new IllegalStateException("a listener's fault, thrown on purpose");
              }
            }));
    RecordingListener cleo = new RecordingListener();
    connect(engine, CLEO, cleo);
    List<UserId> others = new ArrayList<>(blocked);
    others.add(BOB);
    others.add(CLEO);
    ConversationId group = get(engine.asUser(ADA).createGroup("all", Set.copyOf(others))).id();
    for (int i = 0; i < 10; i++) {
      get(engine.asUser(ADA).send(group, NewMessage.text("m" + i)));
    }
    await().untilAsserted(() -> assertThat(cleo.messages(group)).hasSize(10));
    await().untilAsserted(() -> assertThat(thrower.messages(group)).hasSize(10));
    forEver.countDown();
  }

  @Test
  void drainingEndsSessionsAndRefusesWhatComesLater() {
    ChatEngine engine = node();
    RecordingListener bob = new RecordingListener();
    ChatSession session = connect(engine, BOB, bob);
    assertThat(engine.drain(Duration.ofSeconds(5))).isTrue();
    await()
        .untilAsserted(
            () ->
                assertThat(bob.events(SessionEnded.class))
                    .extracting(SessionEnded::reason)
                    .containsExactly(SessionEnded.Reason.DRAINING));
    refused(ErrorCode.UNAVAILABLE, session.openDirect(ADA));
    refused(
        ErrorCode.UNAVAILABLE, engine.connect(ADA, DeviceId.of("d"), ChatListener.of(event -> {})));
    engine.close();
    engine.close();
  }

  // ---- bad input

  @Test
  void badInputIsRefusedWithItsCode() {
    ChatEngine engine = start(builder().maxTextBytes(100));
    ChatSession ada = connect(engine, ADA, new RecordingListener());
    ConversationId talk = get(ada.openDirect(BOB)).id();
    get(ada.send(talk, NewMessage.text(ClientMessageId.of("one"), "first")));

    refused(ErrorCode.NOT_FOUND, ada.send(ConversationId.of(4711), NewMessage.text("x")));
    refused(ErrorCode.NOT_FOUND, engine.asUser(CLEO).send(talk, NewMessage.text("x")));
    refused(ErrorCode.NOT_FOUND, engine.asUser(CLEO).history(talk, HistoryQuery.newest()));
    refused(ErrorCode.NOT_FOUND, engine.asUser(CLEO).members(talk, PageQuery.first()));
    refused(ErrorCode.NOT_FOUND, engine.asUser(CLEO).markRead(talk, 1));
    refused(
        ErrorCode.CONFLICT, ada.send(talk, NewMessage.text(ClientMessageId.of("one"), "other")));
    refused(ErrorCode.TOO_LARGE, ada.send(talk, NewMessage.text("x".repeat(101))));
    refused(ErrorCode.BAD_REQUEST, ada.markRead(talk, 2));
    refused(ErrorCode.BAD_REQUEST, ada.markRead(talk, -1));
    refused(ErrorCode.BAD_REQUEST, ada.history(talk, HistoryQuery.after(9)));
    refused(ErrorCode.BAD_REQUEST, ada.sync(Map.of(talk, SyncCursor.at(-1))));
    refused(ErrorCode.BAD_REQUEST, ada.sync(Map.of(talk, SyncCursor.at(9))));
    refused(ErrorCode.BAD_REQUEST, ada.openDirect(ADA));
    refused(ErrorCode.BAD_REQUEST, ada.renameGroup(talk, "no group"));
    for (Runnable bad :
        List.<Runnable>of(
            () -> UserId.of(""),
            () -> UserId.of("x".repeat(256)),
            () -> UserId.of("a\u0000b"),
            () -> UserId.of("\ud800"),
            () -> NewMessage.text(""),
            () -> NewMessage.text("bell \u0007"),
            () -> HistoryQuery.before(-1),
            () -> HistoryQuery.newest().limit(0),
            () -> HistoryQuery.newest().limit(101),
            () -> ConversationId.parse("12x"),
            () -> ConversationId.parse("99999999999999999999"))) {
      assertThatThrownBy(bad::run)
          .isInstanceOfSatisfying(
              ChatException.class,
              fault -> assertThat(fault.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
    assertThat(get(ada.send(talk, NewMessage.text("still works"))).seq()).isEqualTo(2);
    assertThat(get(ada.sync(Map.of(talk, new SyncCursor(2, 0, 0)))).conversations()).isEmpty();
  }

  @Test
  void aSyncTellsWhatChangedWithoutAMessage() {
    ChatEngine engine = node();
    ChatSession ada = connect(engine, ADA, new RecordingListener());
    ChatSession phone = connect(engine, BOB, new RecordingListener());
    ConversationId group = get(ada.createGroup("old", Set.of(BOB))).id();
    get(ada.send(group, NewMessage.text("1")));
    ConversationState first = get(phone.sync(Map.of())).conversations().get(0);
    SyncCursor known = new SyncCursor(1, first.rev(), 0);
    assertThat(get(phone.sync(Map.of(group, known))).conversations()).isEmpty();

    get(engine.asUser(BOB).markRead(group, 1));
    ConversationState read = get(phone.sync(Map.of(group, known))).conversations().get(0);
    assertThat(read.readSeq()).isEqualTo(1);
    assertThat(read.unread()).isZero();
    assertThat(read.missed()).isEmpty();
    assertThat(read.lastMessage()).isNull();
    assertThat(read.hasMore()).isFalse();

    get(ada.renameGroup(group, "new"));
    known = new SyncCursor(1, first.rev(), 1);
    ConversationState renamed = get(phone.sync(Map.of(group, known))).conversations().get(0);
    assertThat(renamed.conversation().name()).isEqualTo("new");
    assertThat(renamed.rev()).isEqualTo(first.rev() + 1);
    known = new SyncCursor(1, renamed.rev(), 1);
    assertThat(get(phone.sync(Map.of(group, known))).conversations()).isEmpty();
    assertThat(get(phone.sync(Map.of(group, SyncCursor.at(1)))).conversations()).hasSize(1);
  }

  @Test
  void aRetryStoresNothingNewAndSaysSo() {
    ChatEngine engine = node();
    ChatSession ada = connect(engine, ADA, new RecordingListener());
    ConversationId talk = get(ada.openDirect(BOB)).id();
    NewMessage message = NewMessage.text("once");
    SendAck first = get(ada.send(talk, message));
    SendAck second = get(node().asUser(ADA).send(talk, message));
    assertThat(second).isEqualTo(new SendAck(first.messageId(), talk, 1, first.createdAt(), true));
  }

  // ---- hooks

  @Test
  void aSendHookMayChangeRefuseThrowOrHangAndOnlyItsOwnSendSuffers() {
    CountDownLatch forEver = new CountDownLatch(1);
    ChatEngine engine =
        start(
            builder()
                .hookDeadline(Duration.ofMillis(300))
                .sendHook(
                    SendHook.blocking(
                        (sender, conversation, message) ->
                            switch (message.text()) {
                              case "refuse" -> throw ChatException.forbidden("not that");
                              case "throw" ->
                                  throw new IllegalStateException(
                                      "a hook's fault, thrown on purpose");
                              case "hang" -> {
                                try {
                                  forEver.await();
                                } catch (InterruptedException end) {
                                  Thread.currentThread().interrupt();
                                }
                                yield message;
                              }
                              default ->
                                  message.withText(
                                      message.text().toUpperCase(java.util.Locale.ROOT));
                            })));
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    CompletableFuture<SendAck> hanging = engine.asUser(ADA).send(talk, NewMessage.text("hang"));
    assertThat(get(engine.asUser(BOB).send(talk, NewMessage.text("hello"))).seq()).isEqualTo(1);
    refused(ErrorCode.FORBIDDEN, engine.asUser(BOB).send(talk, NewMessage.text("refuse")));
    refused(ErrorCode.INTERNAL, engine.asUser(BOB).send(talk, NewMessage.text("throw")));
    refused(ErrorCode.INTERNAL, hanging);
    assertThat(get(engine.asUser(ADA).history(talk, HistoryQuery.newest())).messages())
        .extracting(m -> m.text())
        .containsExactly("HELLO");
    forEver.countDown();
  }

  @Test
  void theOfflineAreReportedAndTheConnectedAreNot() {
    List<Set<UserId>> reports = new java.util.concurrent.CopyOnWriteArrayList<>();
    ChatEngine engine =
        start(builder().offlineNotifier((conversation, message, offline) -> reports.add(offline)));
    connect(engine, BOB, new RecordingListener());
    ConversationId group = get(engine.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    get(engine.asUser(ADA).send(group, NewMessage.text("anyone?")));
    await().untilAsserted(() -> assertThat(reports).containsExactly(Set.of(CLEO)));
  }

  // ---- groups

  @Test
  void nothingThatIsSentAfterARemovalReachesTheRemoved() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener bob = new RecordingListener();
    ChatSession bobs = connect(south, BOB, bob);
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    get(north.asUser(ADA).send(group, NewMessage.text("before")));
    get(north.asUser(ADA).removeMembers(group, Set.of(BOB)));
    get(north.asUser(ADA).send(group, NewMessage.text("secret")));
    await().untilAsserted(() -> assertThat(bob.events(ConversationChanged.class)).hasSize(2));
    assertThat(bob.texts(group)).containsExactly("before");
    refused(ErrorCode.NOT_FOUND, bobs.history(group, HistoryQuery.newest()));
    refused(ErrorCode.NOT_FOUND, bobs.send(group, NewMessage.text("let me in")));
    assertThat(get(bobs.sync(Map.of(group, SyncCursor.at(1)))).gone()).containsExactly(group);

    get(north.asUser(ADA).addMembers(group, Set.of(BOB)));
    get(north.asUser(ADA).send(group, NewMessage.text("welcome back")));
    await()
        .untilAsserted(
            () -> assertThat(bob.texts(group)).containsExactly("before", "welcome back"));
  }

  @Test
  void rolesSayWhoMayDoWhat() {
    ChatEngine engine = node();
    ConversationId group = get(engine.asUser(ADA).createGroup("g", Set.of(BOB, CLEO))).id();
    refused(ErrorCode.FORBIDDEN, engine.asUser(BOB).renameGroup(group, "mine"));
    refused(ErrorCode.FORBIDDEN, engine.asUser(BOB).removeMembers(group, Set.of(CLEO)));
    refused(ErrorCode.CONFLICT, engine.asUser(ADA).leave(group));
    refused(ErrorCode.CONFLICT, engine.asUser(ADA).addMembers(group, Set.of(BOB)));
    get(engine.asUser(ADA).setRole(group, BOB, Role.ADMIN));
    get(engine.asUser(BOB).renameGroup(group, "ours"));
    refused(ErrorCode.FORBIDDEN, engine.asUser(BOB).removeMembers(group, Set.of(ADA)));
    get(engine.asUser(ADA).setRole(group, BOB, Role.OWNER));
    get(engine.asUser(ADA).leave(group));
    MemberList members = get(engine.asUser(BOB).members(group, PageQuery.first()));
    assertThat(members.members())
        .extracting(m -> m.user() + " " + m.role())
        .containsExactlyInAnyOrder("bob OWNER", "cleo MEMBER");
    assertThat(members.rev()).as("two roles changed at once: one change each").isEqualTo(5);
    refused(ErrorCode.NOT_FOUND, engine.asUser(ADA).members(group, PageQuery.first()));
  }

  // ---- receipts, typing, presence

  @Test
  void receiptsAndTypingAreShownToTheOthers() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener ada = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    connect(north, ADA, ada);
    ChatSession bobs = connect(south, BOB, bob);
    ConversationId talk = get(bobs.openDirect(ADA)).id();
    get(north.asUser(ADA).send(talk, NewMessage.text("one")));
    get(bobs.markRead(talk, 1));
    get(bobs.markRead(talk, 0));
    await().until(() -> !bob.messages(talk).isEmpty()); // until then it knows no such conversation
    bobs.typing(talk, true);
    await().until(() -> !ada.events(TypingChanged.class).isEmpty());
    bobs.typing(talk, false);
    await()
        .untilAsserted(
            () ->
                assertThat(ada.events(ReceiptMoved.class))
                    .extracting(ReceiptMoved::seq)
                    .containsExactly(1L));
    await()
        .untilAsserted(
            () ->
                assertThat(ada.events(TypingChanged.class))
                    .extracting(TypingChanged::on)
                    .containsExactly(true, false));
    assertThat(bob.events(TypingChanged.class)).isEmpty();
  }

  @Test
  void presenceIsToldWhenItChangesAndAReturnWithinTheGraceIsNoChange() {
    ChatEngine north = node();
    ChatEngine south = node();
    RecordingListener ada = new RecordingListener();
    ChatSession watcher = connect(north, ADA, ada);
    assertThat(get(watcher.watchPresence(Set.of(BOB))))
        .extracting(p -> p.online())
        .containsExactly(false);
    ChatSession first = connect(south, BOB, new RecordingListener());
    await().untilAsserted(() -> assertThat(ada.events(PresenceChanged.class)).hasSize(1));
    first.close();
    ChatSession second = connect(south, BOB, new RecordingListener());
    second.close();
    await()
        .untilAsserted(
            () ->
                assertThat(ada.events(PresenceChanged.class))
                    .extracting(event -> event.presence().online())
                    .containsExactly(true, false));
    assertThat(get(watcher.presence(Set.of(BOB))).get(0).lastSeenAt()).isNotNull();
  }

  // ---- healing

  @Test
  void aNodeThatWasCutOffCatchesUpWithTheLastMessageToo() {
    InMemoryRouter cable = network.join();
    ChatEngine south = start(builder().router(cable));
    ChatEngine north = node();
    RecordingListener bob = new RecordingListener();
    connect(south, BOB, bob);
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    get(north.asUser(ADA).send(talk, NewMessage.text("before")));
    cable.cut();
    for (int i = 0; i < 50; i++) {
      get(north.asUser(ADA).send(talk, NewMessage.text("during " + i)));
    }
    ConversationId group = get(north.asUser(ADA).createGroup("made meanwhile", Set.of(BOB))).id();
    cable.heal();
    await().untilAsserted(() -> assertThat(bob.messages(talk)).hasSize(51));
    await()
        .untilAsserted(
            () -> {
              get(north.asUser(ADA).send(group, NewMessage.text("are you there?")));
              assertThat(bob.messages(group)).isNotEmpty();
            });
    assertThat(bob.messages(group).get(0).seq()).isEqualTo(1);
  }

  @Test
  void metricsAndHealthAreThere() {
    ChatEngine engine = node();
    ConversationId talk = get(engine.asUser(ADA).openDirect(BOB)).id();
    get(engine.asApplication().send(talk, NewMessage.text("maintenance at noon")));
    assertThat(engine.counters()).containsEntry("messages_committed", 1L);
    assertThat(engine.gauges()).containsEntry("sends_pending", 0L);
    assertThat(engine.health()).isEqualTo(new ChatEngine.Health(true, true, true));
  }
}
