package chat.engine.internal.sync;

import static chat.engine.internal.session.LocalSessions.removed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.ErrorCode;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.feed.FeedRepairs;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.TestHandle;
import chat.engine.internal.util.Timers;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.Draft;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Over an in-memory store; the test does things while the store is being read. */
@Timeout(60)
final class SyncReaderTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final InMemoryMessageStore real = new InMemoryMessageStore();
  private final ConversationStore conversations = real.conversations();

  /** What is done right after the store was read by a method, before the answer is there. */
  private final Map<String, Runnable> after = new ConcurrentHashMap<>();

  private final Queue<String> calls = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ids = new AtomicInteger(1);
  private final LocalSessions node = new LocalSessions();
  private final Timers timers = new Timers();
  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final Subscriptions subscriptions = new Subscriptions(new SoloRouter());
  private final MessageStore store = watched();
  private final ShardedFeeds feeds =
      new ShardedFeeds(
          2,
          node.context,
          node.registry,
          subscriptions,
          new FeedRepairs(store, reads, timers, node.metrics),
          group -> {},
          node.metrics);
  private final ConversationDirectory directory = new ConversationDirectory(conversations);
  private final SyncReader syncs = syncs(1_000);

  private SyncReader syncs(int pageSize) {
    return syncs(EngineOptions.defaults().with(Limit.MAX_SYNC_CONVERSATIONS, pageSize));
  }

  private SyncReader syncs(EngineOptions options) {
    ConversationStates states = new ConversationStates(store, directory, options);
    return new SyncReader(store, reads, feeds, states, node.context, options);
  }

  @AfterEach
  void close() {
    feeds.close();
    subscriptions.close();
    timers.close();
    reads.close();
  }

  private MessageStore watched() {
    ConversationStore watchedConversations = watch(ConversationStore.class, conversations, null);
    return watch(MessageStore.class, real, watchedConversations);
  }

  private <T> T watch(Class<T> type, T target, Object conversationsInstead) {
    return type.cast(
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              if (method.getName().equals("conversations") && conversationsInstead != null) {
                return conversationsInstead;
              }
              calls.add(method.getName());
              try {
                Object answer = method.invoke(target, arguments);
                Runnable then = after.remove(method.getName());
                if (then != null) {
                  then.run();
                }
                return answer;
              } catch (InvocationTargetException fault) {
                throw Objects.requireNonNull(fault.getCause());
              }
            }));
  }

  // ---- what is in the store

  private Conversation talk() {
    return conversations.openDirect(nextId(), ADA, BOB, Instant.EPOCH);
  }

  private Conversation group(UserId... members) {
    Map<UserId, Role> roles = new HashMap<>();
    for (UserId member : members) {
      roles.put(member, Role.MEMBER);
    }
    roles.put(BOB, Role.OWNER);
    return conversations.createGroup(nextId(), "group", roles, Instant.EPOCH);
  }

  private ConversationId nextId() {
    return ConversationId.of(ids.incrementAndGet());
  }

  private CommittedMessage commit(Conversation conversation) {
    return commit(conversation, "text", Instant.EPOCH);
  }

  private CommittedMessage commit(Conversation conversation, String text, Instant takenIn) {
    Draft draft =
        new Draft(
            MessageId.of(1_000 + ids.incrementAndGet()),
            conversation.id(),
            BOB,
            ClientMessageId.of("c" + ids.get()),
            0,
            text,
            null,
            List.of(),
            null,
            takenIn,
            Draft.UNVERIFIED);
    AppendOutcome.Stored stored =
        (AppendOutcome.Stored) real.append(List.of(draft), Duration.ZERO).get(0);
    return new CommittedMessage(conversation, draft.asMessage(stored.seq()), stored.membersRev());
  }

  /** Committed, and the envelope of it arrives. */
  private void send(Conversation conversation) {
    feeds.arrived(List.of(commit(conversation)));
  }

  private ConversationChange change(Conversation group, Change change) {
    long rev = conversations.members(group.id()).orElseThrow().rev();
    return conversations
        .change(group.id(), rev, List.of(change), BOB, Instant.EPOCH)
        .orElseThrow()
        .changes()
        .get(0);
  }

  private ConversationChange remove(Conversation group, UserId user) {
    return change(group, new Change(ConversationChange.Kind.REMOVED, List.of(user), null, null));
  }

  private void add(Conversation group, UserId user) {
    change(group, new Change(ConversationChange.Kind.ADDED, List.of(user), Role.MEMBER, null));
  }

  // ---- sessions

  private Client connect(UserId user) {
    Client client = node.connect(user);
    AtomicBoolean connected = new AtomicBoolean();
    syncs.connect(client.session(), () -> connected.set(true)).join();
    client.events();
    assertThat(connected).isTrue();
    return client;
  }

  private SyncResult sync(Client client, Map<ConversationId, SyncCursor> cursors) {
    return sync(syncs, client, cursors);
  }

  private static SyncResult sync(
      SyncReader reader, Client client, Map<ConversationId, SyncCursor> cursors) {
    assertThat(client.session().beginSync()).isNull();
    CompletableFuture<SyncResult> answered = new CompletableFuture<>();
    reader.sync(client.session(), cursors, answered::complete).join();
    client.events();
    return answered.join();
  }

  private static void told(Client client, Conversation conversation, Long... seqs) {
    await().untilAsserted(() -> assertThat(client.seqs(conversation.id())).containsExactly(seqs));
  }

  // ---- connecting

  @Test
  void aSessionFollowsFromWhereItsConversationsStood() {
    Conversation talk = talk();
    Conversation group = group(ADA);
    commit(talk);
    commit(group);
    Client ada = connect(ADA);
    assertThat(ada.session().home().isInGroup(group.id())).isTrue();
    send(talk);
    send(group);
    told(ada, talk, 2L);
    told(ada, group, 2L);
  }

  /** The cursor that a message falls between: after the read, before the session goes on. */
  @Test
  void whatIsCommittedBetweenTheReadAndTheAnswerIsNotLost() {
    Conversation talk = talk();
    Conversation group = group(ADA);
    node.connect(ADA); // so that the feeds are open
    feeds.enter(group, node.registry.find(ADA), 0, 0).join();
    after.put(
        "summaries",
        () -> {
          send(talk);
          send(group);
        });
    Client ada = connect(ADA);
    told(ada, talk, 1L);
    told(ada, group, 1L);
  }

  @Test
  void whatWasDeliveredBeforeTheCursorsWereSetIsDeliveredAgain() {
    Conversation talk = talk();
    commit(talk);
    Client phone = connect(ADA);
    after.put(
        "summaries",
        () -> {
          send(talk);
          await().until(() -> phone.seqs(talk.id()).contains(2L));
        });
    Client laptop = connect(ADA);
    told(laptop, talk, 2L);
    told(phone, talk, 2L);
  }

  /** Message 2 is lost, and the feed begins behind it while the session loads its cursors. */
  @Test
  void whatAFeedThatWasOpenedMeanwhileDidNotDeliverIsDelivered() {
    Conversation talk = talk();
    commit(talk);
    after.put(
        "summaries",
        () -> {
          commit(talk);
          send(talk);
          await().until(() -> feeds.backlog() == 0);
        });
    Client ada = connect(ADA);
    told(ada, talk, 2L, 3L);
  }

  @Test
  void whatIsMissingInAConversationThatWasOpenedMeanwhileIsAskedFor() {
    node.context.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> gaps) {
            feeds.refill(gaps);
          }

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {}
        });
    Conversation[] opened = new Conversation[1];
    after.put(
        "summaries",
        () -> {
          opened[0] = talk();
          commit(opened[0]);
          send(opened[0]);
          await().until(() -> feeds.backlog() == 0);
        });
    Client ada = connect(ADA);
    told(ada, opened[0], 1L, 2L);
  }

  @Test
  void theCursorsAreReadWhenTheGroupsAreSubscribedAndNotBefore() {
    Conversation group = group(ADA);
    after.put("summaries", () -> commit(group)); // its envelope reaches nobody here
    Client ada = connect(ADA);
    send(group);
    told(ada, group, 2L);
    assertThat(calls.stream().filter("summaries"::equals)).hasSize(2);
  }

  @Test
  void aGroupThatAppearsMeanwhileIsEnteredToo() {
    Conversation first = group(ADA);
    Conversation[] second = new Conversation[1];
    after.put("summaries", () -> second[0] = group(ADA));
    Client ada = connect(ADA);
    assertThat(ada.session().home().isInGroup(first.id())).isTrue();
    assertThat(ada.session().home().isInGroup(second[0].id())).isTrue();
    send(second[0]);
    told(ada, second[0], 1L);
  }

  @Test
  void groupsThatNeverStopAppearingDoNotHoldUpTheConnection() {
    group(ADA);
    AtomicInteger rounds = new AtomicInteger();
    Runnable another =
        new Runnable() {
          @Override
          public void run() {
            group(ADA);
            if (rounds.incrementAndGet() < 20) {
              after.put("summaries", this);
            }
          }
        };
    after.put("summaries", another);
    connect(ADA);
    assertThat(rounds).hasValueLessThan(10);
  }

  /** E8. */
  @Test
  void whoIsRemovedWhileConnectingGetsNothingSentAfterIt() {
    Conversation group = group(ADA);
    Client bob = connect(BOB);
    after.put(
        "summaries",
        () -> {
          feeds.changed(group, remove(group, ADA));
          send(group);
        });
    Client ada = connect(ADA);
    told(bob, group, 1L);
    send(group);
    told(bob, group, 1L, 2L);
    assertThat(ada.events()).isEmpty();
    await().until(() -> !ada.session().home().isInGroup(group.id()));
  }

  @Test
  void whoWasRemovedWithoutThisNodeHearingOfItLeavesTheFeedWithTheNextSync() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    remove(group, ADA);
    SyncResult synced = sync(ada, Map.of(group.id(), SyncCursor.at(0)));
    assertThat(synced.gone()).containsExactly(group.id());
    // the feed has not applied the removal, so that the user leaves with it
    feeds.changed(group, removed(group, 1, 0, ADA));
    await().until(() -> !ada.session().home().isInGroup(group.id()));
    assertThat(ada.events()).isEmpty();
  }

  @Test
  void whoWasRemovedWithoutAnyEnvelopeLeavesTheFeedWithTheNextSync() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    remove(group, ADA);
    sync(ada, Map.of());
    await().until(() -> !ada.session().home().isInGroup(group.id()));
  }

  @Test
  void whoIsAddedAgainWhileASyncReadsStaysInTheFeed() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    remove(group, ADA);
    after.put("summaries", () -> add(group, ADA));
    calls.clear();
    sync(ada, Map.of());
    await().until(() -> calls.contains("member"));
    await().during(Duration.ofMillis(100)).until(() -> ada.session().home().isInGroup(group.id()));
  }

  @Test
  void aSyncOfSomeoneWhoLeftNoGroupChecksNone() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    calls.clear();
    SyncResult synced = sync(ada, Map.of());
    assertThat(state(synced, group).rev()).isZero();
    reads.run(() -> {}).join();
    assertThat(calls).doesNotContain("find", "member");
  }

  @Test
  void whereTheStoreFailsTheConnectionFails() {
    group(ADA);
    after.put(
        "summaries",
        () -> {
          throw new StoreUnavailableException("away, on purpose", null);
        });
    Client ada = node.connect(ADA);
    assertThatThrownBy(() -> syncs.connect(ada.session(), () -> {}).join())
        .hasCauseInstanceOf(ChatException.class);
  }

  // ---- syncing

  @Test
  void anAnswerTellsWhereEverythingStands() {
    Conversation talk = talk();
    Conversation group = group(ADA);
    for (int i = 0; i < 3; i++) {
      commit(talk);
    }
    conversations.moveReceipts(
        List.of(
            new ReceiptMove(talk.id(), ADA, ReceiptKind.RECEIVED, 3),
            new ReceiptMove(talk.id(), ADA, ReceiptKind.READ, 1)));
    Client ada = connect(ADA);
    SyncResult synced = sync(ada, Map.of(talk.id(), SyncCursor.at(1)));
    assertThat(synced.gone()).isEmpty();
    ConversationState state = state(synced, talk);
    assertThat(state.lastSeq()).isEqualTo(3);
    assertThat(state.readSeq()).isEqualTo(1);
    assertThat(state.unread()).as("from what was read, not from what was received").isEqualTo(2);
    assertThat(state.missed()).extracting(Message::seq).containsExactly(2L, 3L);
    assertThat(state.hasMore()).isFalse();
    assertThat(Objects.requireNonNull(state.lastMessage()).seq()).isEqualTo(3);
    ConversationState other = state(synced, group);
    assertThat(other.role()).isEqualTo(Role.MEMBER);
    assertThat(other.lastMessage()).isNull();
    assertThat(other.missed()).isEmpty();
    assertThat(other.unread()).isZero();
    assertThat(directory.recall(group.id())).isNotNull();
  }

  /** The page is read after the summaries, so it may be ahead of them. */
  @Test
  void whatThePageHasIsNotToldAgain() {
    Conversation talk = talk();
    commit(talk);
    Client ada = connect(ADA);
    after.put("summaries", () -> send(talk));
    SyncResult synced = sync(ada, Map.of(talk.id(), SyncCursor.at(0)));
    assertThat(state(synced, talk).missed()).extracting(Message::seq).containsExactly(1L, 2L);
    send(talk);
    told(ada, talk, 3L);
  }

  @Test
  void whoIsRemovedBeforeThePageIsReadIsToldSoByTheAnswerAlone() {
    Conversation talk = talk();
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    List<ConversationChange> removal = new ArrayList<>();
    after.put(
        "summaries",
        () -> {
          commit(group); // nobody gives it to who is removed
          removal.add(remove(group, ADA));
        });
    SyncResult synced = sync(ada, Map.of(group.id(), SyncCursor.at(0)));
    assertThat(synced.conversations())
        .extracting(state -> state.conversation().id())
        .containsExactly(talk.id());
    assertThat(synced.hasMore()).isFalse();
    assertThat(synced.gone()).containsExactly(group.id());
    feeds.changed(group, removal.get(0));
    await().until(() -> !ada.session().home().isInGroup(group.id()));
    assertThat(ada.events()).isEmpty();
  }

  @Test
  void whatVanishesWhileItIsReadIsNotGoneForAClientThatNeverKnewIt() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    after.put("summaries", () -> remove(group, ADA));
    SyncResult synced = sync(ada, Map.of());
    assertThat(synced).isEqualTo(new SyncResult(List.of(), Set.of(), false));
    await().until(() -> !ada.session().home().isInGroup(group.id()));
  }

  @Test
  void whoIsAddedAgainBehindThePageIsToldSo() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    List<ConversationChange> changes = new ArrayList<>();
    after.put("summaries", () -> changes.add(remove(group, ADA)));
    after.put(
        "memberships",
        () -> {
          changes.add(
              change(
                  group,
                  new Change(ConversationChange.Kind.ADDED, List.of(ADA), Role.MEMBER, null)));
          changes.forEach(change -> feeds.changed(group, change));
        });
    SyncResult synced = sync(ada, Map.of(group.id(), SyncCursor.at(0)));
    assertThat(synced.gone()).containsExactly(group.id());
    await().untilAsserted(() -> assertThat(ada.revs(group.id())).containsExactly(2L));
    send(group);
    told(ada, group, 1L);
  }

  private static ConversationState state(SyncResult synced, Conversation conversation) {
    return synced.conversations().stream()
        .filter(state -> state.conversation().id().equals(conversation.id()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void conversationsThatStandAsTheirCursorSaysAreLeftOut() {
    Conversation talk = talk();
    commit(talk);
    Client ada = connect(ADA);
    assertThat(sync(ada, Map.of(talk.id(), new SyncCursor(1, 0, 0))).conversations()).isEmpty();
    assertThat(sync(ada, Map.of(talk.id(), new SyncCursor(1, 1, 0))).conversations()).hasSize(1);
    assertThat(sync(ada, Map.of(talk.id(), new SyncCursor(1, 0, 1))).conversations()).hasSize(1);
    SyncResult behind = sync(ada, Map.of(talk.id(), new SyncCursor(0, 0, 0)));
    assertThat(state(behind, talk).missed()).hasSize(1);
    SyncResult known = sync(ada, Map.of(talk.id(), SyncCursor.at(1)));
    assertThat(state(known, talk).lastMessage()).as("the cursor has it").isNull();
  }

  @Test
  void missedMessagesAreBoundedPerConversationAndTheRestIsSaidToBeThere() {
    Conversation talk = talk();
    for (int i = 0; i < 150; i++) {
      commit(talk);
    }
    Client ada = connect(ADA);
    ConversationState state = state(sync(ada, Map.of(talk.id(), SyncCursor.at(10))), talk);
    assertThat(state.missed()).hasSize(100);
    assertThat(state.missed().get(0).seq()).isEqualTo(11);
    assertThat(state.hasMore()).isTrue();
    ConversationState last = state(sync(ada, Map.of(talk.id(), SyncCursor.at(50))), talk);
    assertThat(last.missed()).hasSize(100);
    assertThat(last.hasMore()).isFalse();
    ConversationState without = state(sync(ada, Map.of()), talk);
    assertThat(without.missed()).isEmpty();
    assertThat(without.hasMore()).as("no cursor was given").isFalse();
  }

  @Test
  void manyConversationsAreReadSomeAtATime() {
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      Conversation group = group(ADA);
      for (int n = 0; n < 70; n++) {
        commit(group);
      }
      cursors.put(group.id(), SyncCursor.at(10));
    }
    Client ada = connect(ADA);
    calls.clear();
    EngineOptions large = EngineOptions.defaults().with(Limit.ANSWER_BYTES, 1 << 20);
    SyncResult synced = sync(syncs(large), ada, cursors);
    assertThat(synced.conversations()).allSatisfy(s -> assertThat(s.missed()).hasSize(60));
    assertThat(calls.stream().filter("ranges"::equals)).as("8 of 60 at once").hasSize(4);
    calls.clear();
    synced = sync(syncs, ada, cursors);
    assertThat(synced.conversations())
        .as("the missed messages of all have a bound")
        .hasSize(20)
        .allSatisfy(s -> assertThat(s.hasMore()).isEqualTo(s.missed().size() < 60));
    assertThat(calls.stream().filter("ranges"::equals)).as("no more than fit").hasSize(2);
  }

  @Test
  void anAnswerLeavesOutAMessageThatIsTooLongForIt() {
    Conversation quiet = talk();
    Conversation loud = group(ADA);
    commit(quiet);
    commit(loud, "x".repeat(20_000), Instant.EPOCH.plusSeconds(9));
    Client ada = connect(ADA);
    EngineOptions small = EngineOptions.defaults().with(Limit.ANSWER_BYTES, 16_384);
    SyncResult synced = sync(syncs(small), ada, Map.of());
    assertThat(ids(synced)).containsExactly(loud.id());
    assertThat(synced.conversations().get(0).lastMessage()).isNull();
    assertThat(synced.conversations().get(0).lastSeq()).isOne();
    SyncResult next = syncs(small).page(ada.session(), Map.of(), loud.id());
    assertThat(next.conversations().get(0).lastMessage()).isNotNull();
  }

  @Test
  void anAnswerNamesAsManyThatAreGoneAsItHasRoomFor() {
    Conversation talk = talk();
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      cursors.put(nextId(), SyncCursor.at(0));
    }
    Client ada = connect(ADA);
    SyncResult synced = sync(ada, cursors);
    assertThat(synced.gone()).hasSize(1_489);
    assertThat(ids(synced)).containsExactly(talk.id());
    cursors.keySet().removeAll(synced.gone());
    assertThat(sync(ada, cursors).gone()).hasSize(511);
  }

  // ---- pages

  private SyncResult syncInPagesOf(int size, Client client, Map<ConversationId, SyncCursor> of) {
    return sync(syncs(size), client, of);
  }

  private static List<ConversationId> ids(SyncResult page) {
    return page.conversations().stream().map(state -> state.conversation().id()).toList();
  }

  private SyncResult nextPage(
      int size, Client client, Map<ConversationId, SyncCursor> of, ConversationId last) {
    return syncs(size).page(client.session(), of, last);
  }

  /** Groups with a message each, the first of them active last. */
  private List<ConversationId> activeGroups(int count) {
    List<ConversationId> groups = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Conversation group = group(ADA);
      commit(group, "text", Instant.EPOCH.plusSeconds(i + 1));
      groups.add(0, group.id());
    }
    return groups;
  }

  @Test
  void anAnswerIsCutIntoPagesTheLastActiveFirst() {
    Conversation silent = group(ADA);
    List<ConversationId> groups = activeGroups(8);
    Map<ConversationId, SyncCursor> cursors = new HashMap<>();
    groups.forEach(id -> cursors.put(id, SyncCursor.at(0)));
    ConversationId asKnown = groups.remove(4);
    cursors.put(asKnown, new SyncCursor(1, 0, 0));
    ConversationId unknown = nextId();
    cursors.put(unknown, SyncCursor.at(0));

    Client ada = connect(ADA);
    SyncResult page = syncInPagesOf(3, ada, cursors);
    assertThat(ids(page)).isEqualTo(groups.subList(0, 3));
    assertThat(page.gone()).containsExactly(unknown);
    assertThat(page.hasMore()).isTrue();
    for (int again = 0; again < 2; again++) {
      page = nextPage(3, ada, cursors, groups.get(2));
      assertThat(ids(page)).isEqualTo(groups.subList(3, 6));
    }
    assertThat(page.conversations()).allSatisfy(state -> assertThat(state.missed()).hasSize(1));
    assertThat(page.gone()).as("on the first page only").isEmpty();
    assertThat(page.hasMore()).isTrue();
    page = nextPage(3, ada, cursors, groups.get(5));
    assertThat(ids(page)).containsExactly(groups.get(6), silent.id());
    assertThat(page.hasMore()).isFalse();
    assertThat(nextPage(3, ada, cursors, silent.id()).conversations()).isEmpty();
  }

  @Test
  void theOrderOfThePagesIsThatOfTheFirst() {
    List<ConversationId> groups = activeGroups(4);
    Client ada = connect(ADA);
    assertThat(ids(syncInPagesOf(2, ada, Map.of()))).isEqualTo(groups.subList(0, 2));
    Conversation last =
        conversations.find(List.of(groups.get(3))).get(groups.get(3)).conversation();
    commit(last, "news", Instant.EPOCH.plusSeconds(1_000));
    SyncResult page = nextPage(1, ada, Map.of(), groups.get(1));
    assertThat(ids(page)).containsExactly(groups.get(2));
    page = nextPage(1, ada, Map.of(), groups.get(2));
    assertThat(ids(page)).as("active before the others by now").containsExactly(groups.get(3));
    assertThat(page.conversations().get(0).lastSeq()).isEqualTo(2);
  }

  @Test
  void aPageLeavesOutWhatTheUserHasLeftMeanwhile() {
    List<ConversationId> groups = activeGroups(5);
    Client ada = connect(ADA);
    syncInPagesOf(1, ada, Map.of());
    for (ConversationId left : groups.subList(1, 4)) {
      remove(Conversation.group(left, "group", Instant.EPOCH), ADA);
    }
    SyncResult page = nextPage(2, ada, Map.of(), groups.get(0));
    assertThat(ids(page)).as("never empty if there are more").containsExactly(groups.get(4));
    assertThat(page.hasMore()).isFalse();
  }

  @Test
  void aPageThatIsNotOfTheLastSyncIsRefused() {
    List<ConversationId> groups = activeGroups(4);
    Client ada = connect(ADA);
    refusedPage(ada, groups.get(0));
    syncInPagesOf(2, ada, Map.of());
    refusedPage(ada, nextId());
    assertThat(ids(nextPage(2, ada, Map.of(), groups.get(1)))).hasSize(2);
    refusedPage(ada, groups.get(0));
    syncInPagesOf(10, ada, Map.of());
    refusedPage(ada, groups.get(1));
  }

  private void refusedPage(Client client, ConversationId last) {
    assertThatThrownBy(() -> nextPage(2, client, Map.of(), last))
        .isInstanceOfSatisfying(
            ChatException.class,
            fault -> assertThat(fault.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }

  /** Each message takes 16 KiB, and three eighths of 256 KiB are for them. */
  @Test
  void aPageEndsWhereTheLastMessagesFillIt() {
    Conversation[] groups = new Conversation[10];
    for (int i = 0; i < groups.length; i++) {
      groups[i] = group(ADA);
      commit(groups[i], "x".repeat(16 * 1024), Instant.EPOCH.plusSeconds(i));
    }
    Client ada = connect(ADA);
    SyncResult page = syncInPagesOf(500, ada, Map.of());
    assertThat(page.conversations())
        .hasSize(5)
        .allSatisfy(state -> assertThat(state.lastMessage()).isNotNull());
    assertThat(page.hasMore()).isTrue();
    page = nextPage(500, ada, Map.of(), ids(page).get(4));
    assertThat(ids(page)).hasSize(5).endsWith(groups[0].id());
    assertThat(page.hasMore()).isFalse();
  }

  @Test
  void aPageThatIsJustFullHasNoMore() {
    group(ADA);
    group(ADA);
    Client ada = connect(ADA);
    SyncResult page = syncInPagesOf(2, ada, Map.of());
    assertThat(page.conversations()).hasSize(2);
    assertThat(page.hasMore()).isFalse();
    assertThat(ids(nextPage(2, ada, Map.of(), ids(page).get(1)))).as("behind the last").isEmpty();
  }

  /**
   * The stream does not wait for the pages; together they have every message, some of them twice.
   */
  @Test
  void theStreamBeginsBehindTheFirstPageInTheConversationsOfAllPages() {
    Conversation second = group(ADA);
    commit(second);
    Conversation first = group(ADA);
    commit(first, "text", Instant.EPOCH.plusSeconds(1));
    Map<ConversationId, SyncCursor> cursors = Map.of(second.id(), SyncCursor.at(0));
    Client ada = connect(ADA);
    assertThat(ids(syncInPagesOf(1, ada, cursors))).containsExactly(first.id());

    send(second);
    told(ada, second, 2L);
    SyncResult page = nextPage(1, ada, cursors, first.id());
    assertThat(state(page, second).missed()).extracting(Message::seq).containsExactly(1L, 2L);
    send(second);
    told(ada, second, 2L, 3L);
  }

  @Test
  void aLaterPageRefusesCursorsThatCannotBe() {
    List<ConversationId> groups = activeGroups(2);
    Client ada = connect(ADA);
    syncInPagesOf(1, ada, Map.of());
    for (long seq : new long[] {-1, 2}) {
      Map<ConversationId, SyncCursor> cursors = Map.of(groups.get(1), SyncCursor.at(seq));
      assertThatThrownBy(() -> nextPage(1, ada, cursors, groups.get(0)))
          .isInstanceOfSatisfying(
              ChatException.class,
              fault -> assertThat(fault.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
  }

  @Test
  void theStreamGoesOnRightBehindTheAnswer() {
    Conversation talk = talk();
    Client ada = connect(ADA);
    send(talk);
    told(ada, talk, 1L);
    after.put("ranges", () -> send(talk));
    SyncResult synced = sync(ada, Map.of(talk.id(), SyncCursor.at(0)));
    assertThat(state(synced, talk).lastSeq()).isEqualTo(1);
    told(ada, talk, 1L, 2L);
  }

  @Test
  void cursorsThatCannotBeAreRefused() {
    Conversation talk = talk();
    Client ada = connect(ADA);
    refused(ada, ErrorCode.BAD_REQUEST, Map.of(talk.id(), SyncCursor.at(-1)));
    refused(ada, ErrorCode.BAD_REQUEST, Map.of(talk.id(), SyncCursor.at(1)));
    Map<ConversationId, SyncCursor> many = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      many.put(ConversationId.of(10_000 + i), SyncCursor.at(0));
    }
    assertThat(sync(ada, many).gone()).as("as many as an answer holds").hasSize(1_489);
    many.put(talk.id(), SyncCursor.at(0));
    refused(ada, ErrorCode.TOO_LARGE, many);
    assertThat(sync(ada, Map.of()).conversations()).hasSize(1);
  }

  private void refused(Client client, ErrorCode code, Map<ConversationId, SyncCursor> cursors) {
    assertThat(client.session().beginSync()).isNull();
    assertThatThrownBy(() -> syncs.sync(client.session(), cursors, answer -> {}).join())
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, fault -> assertThat(fault.code()).isEqualTo(code));
    client.session().abandonSync();
  }

  @Test
  void aMemberWhoIsAddedAgainFollowsFromThere() {
    Conversation group = group(ADA);
    Client ada = connect(ADA);
    feeds.changed(group, remove(group, ADA));
    await().until(() -> !ada.session().home().isInGroup(group.id()));
    commit(group);
    add(group, ADA);
    SyncResult synced = sync(ada, Map.of());
    assertThat(state(synced, group).rev()).isEqualTo(2);
    send(group);
    await().untilAsserted(() -> assertThat(ada.seqs(group.id())).containsExactly(2L));
  }
}
