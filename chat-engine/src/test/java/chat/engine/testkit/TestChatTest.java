package chat.engine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupKey;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class TestChatTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Duration LONG = Duration.ofSeconds(30);

  private final TestChat chat =
      TestChat.open(engine -> engine.maxTextBytes(1_000).sendTimeout(Duration.ofSeconds(1)));
  private final ConversationId talk = chat.engine().asUser(ADA).openDirect(BOB).join().id();

  @AfterEach
  void close() {
    chat.close();
  }

  private CompletableFuture<SendAck> send(String text) {
    return send(chat.engine(), NewMessage.text(text));
  }

  private CompletableFuture<SendAck> send(ChatEngine engine, NewMessage message) {
    return engine.asUser(ADA).send(talk, message);
  }

  /** As an application does: repeats what was refused, until the circuit breaker is closed. */
  private SendAck sendUntilTaken(NewMessage message) {
    return await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(() -> send(chat.engine(), message).join(), ack -> true);
  }

  private List<String> stored() {
    return chat.engine().asUser(ADA).history(talk, HistoryQuery.newest()).join().messages().stream()
        .map(Message::text)
        .toList();
  }

  private static void refused(CompletableFuture<?> call, ErrorCode code, boolean inDoubt) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(code);
              assertThat(refusal.inDoubt()).isEqualTo(inDoubt);
            });
  }

  // ---- faults of the store

  @Test
  void aBusyStoreRefusesAsManySendsAsWasSaidAndStoresNothingOfThem() {
    ActiveFault busy = chat.inject(Fault.busy().onSends().times(2));
    refused(send("one"), ErrorCode.BUSY, false);
    refused(send("two"), ErrorCode.BUSY, false);
    assertThat(send("three").join().seq()).isEqualTo(1);
    assertThat(busy.hits()).isEqualTo(2);
    assertThat(stored()).containsExactly("three");
  }

  @Test
  void anUnavailableStoreOpensTheCircuitBreakerUntilItIsBack() {
    try (ActiveFault away = chat.inject(Fault.unavailable())) {
      refused(send("one"), ErrorCode.UNAVAILABLE, false);
      assertThat(chat.engine().health().store()).isFalse();
      refused(chat.engine().asUser(ADA).openDirect(UserId.of("eve")), ErrorCode.UNAVAILABLE, false);
      away.awaitHits(2);
    }
    assertThat(sendUntilTaken(NewMessage.text("two")).seq()).isEqualTo(1);
    assertThat(stored()).containsExactly("two");
  }

  @Test
  void aDoubtThatEndsIsSettledByTheEngine() {
    chat.inject(Fault.inDoubtStored().onSends().times(1));
    SendAck first = send("stored").join();
    assertThat(first.duplicate()).isFalse();
    ActiveFault second = chat.inject(Fault.inDoubtNotStored().onSends().times(1));
    sendUntilTaken(NewMessage.text("not stored"));
    assertThat(second.hits()).isEqualTo(1);
    assertThat(stored()).containsExactly("stored", "not stored");
  }

  @Test
  void aDoubtThatLastsIsToldAndARepetitionTellsTheTruth() {
    NewMessage message = NewMessage.text("once");
    try (ActiveFault doubt = chat.inject(Fault.inDoubtStored().onSends())) {
      refused(send(chat.engine(), message), ErrorCode.UNAVAILABLE, true);
      assertThat(doubt.hits()).isPositive();
    }
    assertThat(sendUntilTaken(message).duplicate()).isTrue();
    assertThat(stored()).containsExactly("once");
  }

  @Test
  void whatIsInDoubtAndWasNotStoredIsNotThere() {
    try (ActiveFault doubt = chat.inject(Fault.inDoubtNotStored().onSends())) {
      refused(send("never"), ErrorCode.UNAVAILABLE, true);
      assertThat(stored()).isEmpty();
    }
  }

  @Test
  void aHeldSendGoesOnWhenTheFaultIsSwitchedOff() {
    ActiveFault held = chat.inject(Fault.held().onSends());
    CompletableFuture<SendAck> send = send("held");
    held.awaitHits(1);
    assertThat(send).isNotDone();
    assertThat(stored()).isEmpty();
    held.close();
    assertThat(send.join().seq()).isEqualTo(1);
  }

  @Test
  void aSlowStoreTakesItsTime() {
    Duration delay = Duration.ofMillis(300);
    chat.inject(Fault.slow(delay).onReads().times(1));
    long begun = System.nanoTime();
    stored();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(delay);
  }

  @Test
  void faultsMeetTheCallsThatTheyAreMeantFor() {
    try (ActiveFault noReads = chat.inject(Fault.busy().onReads())) {
      refused(
          chat.engine().asUser(ADA).history(talk, HistoryQuery.newest()), ErrorCode.BUSY, false);
    }
    try (ActiveFault noWrites = chat.inject(Fault.unavailable().onWrites())) {
      assertThat(stored()).isEmpty();
      refused(chat.engine().asUser(ADA).openDirect(UserId.of("eve")), ErrorCode.UNAVAILABLE, false);
    }
    try (ActiveFault noCommits = chat.inject(Fault.unavailable().onCommits())) {
      assertThat(send("sent").join().seq()).isEqualTo(1);
      assertThat(noCommits.hits()).isZero();
    }
  }

  @Test
  void aFaultThatCannotBeMeantIsRefused() {
    assertThatThrownBy(() -> chat.inject(Fault.busy().times(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("onSends()");
    assertThatThrownBy(() -> Fault.inDoubtStored().onReads())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fault.routerAway().onSends())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fault.busy().onSends().times(0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Fault.slow(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- nodes

  @Test
  void theSettingsAreThoseOfAllNodes() {
    NewMessage tooLong = NewMessage.text("x".repeat(1_001));
    refused(send(chat.engine(), tooLong), ErrorCode.TOO_LARGE, false);
    refused(send(chat.addNode().engine(), tooLong), ErrorCode.TOO_LARGE, false);
  }

  @Test
  void theApplicationMaySayWhoIsInItsGroups() throws SQLException {
    Set<UserId> project = new HashSet<>(Set.of(ADA));
    try (TestChat governed =
        TestChat.open(
            engine ->
                engine.membership(
                    "project:",
                    (key, connection) ->
                        project.stream()
                            .collect(Collectors.toMap(user -> user, user -> Role.MEMBER))))) {
      GroupKey key = GroupKey.of("project:7");
      NewGroup wanted = NewGroup.named("bridge");
      ConversationId group = governed.engine().asApplication().ensureGroup(key, wanted).join().id();
      RecordingListener bob = governed.connect(BOB);
      project.add(BOB);
      try (TestTransaction transaction = governed.begin()) {
        TransactionalChat inside = governed.engine().transactional(transaction.connection());
        inside.refreshMembers(key);
        inside.send(group, NewMessage.text("welcome"));
        transaction.commit();
        inside.publish();
      }
      bob.awaitMessage("welcome");
    }
  }

  @Test
  void nodesReachEachOther() {
    RecordingListener bob = chat.addNode().connect(BOB);
    send("from the first node").join();
    assertThat(bob.awaitMessage("from the first node").from()).isEqualTo(ADA);
    bob.assertNoMoreMessages();
  }

  @Test
  void aFaultOfOneNodeLeavesTheOthersAlone() {
    TestNode other = chat.addNode();
    other.inject(Fault.busy().onSends());
    refused(send(other.engine(), NewMessage.text("no")), ErrorCode.BUSY, false);
    send("yes").join();
    other.clearFaults();
    send(other.engine(), NewMessage.text("yes, too")).join();
    assertThat(stored()).containsExactly("yes", "yes, too");
  }

  @Test
  void withoutTheRouterMessagesArriveByTheStore() {
    TestNode other = chat.addNode();
    RecordingListener bob = other.connect(BOB);
    try (ActiveFault away = chat.inject(Fault.routerAway())) {
      assertThat(chat.engine().health().router()).isFalse();
      assertThat(other.engine().health().router()).isFalse();
      assertThat(chat.addNode().engine().health().router()).isFalse();
      send("late").join();
      bob.awaitMessage("late");
    }
    assertThat(other.engine().health().router()).isTrue();
    ActiveFault ofOne = other.inject(Fault.routerAway());
    ActiveFault ofAll = chat.inject(Fault.routerAway());
    ofAll.close();
    assertThat(chat.engine().health().router()).isTrue();
    assertThat(other.engine().health().router()).isFalse();
    ofOne.close();
    assertThat(other.engine().health().router()).isTrue();
  }

  @Test
  void aNodeThatIsClosedLeavesTheOthers() {
    TestNode other = chat.addNode();
    other.close();
    refused(send(other.engine(), NewMessage.text("no")), ErrorCode.UNAVAILABLE, false);
    assertThat(send("yes").join().seq()).isEqualTo(1);
  }

  @Test
  void closingLetsGoWhatIsHeld() {
    CompletableFuture<SendAck> send;
    ActiveFault held = chat.inject(Fault.held().onSends());
    send = send("held");
    held.awaitHits(1);
    chat.close();
    chat.close();
    assertThat(send.join().seq()).isEqualTo(1);
  }
}
