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
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class TestTransactionTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final NewMessage HELLO = NewMessage.text("hello");

  private final TestChat chat = TestChat.open();
  private final ChatEngine engine = chat.engine();
  private final ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();

  @AfterEach
  void close() {
    chat.close();
  }

  private List<String> stored() {
    return engine.asUser(ADA).history(talk, HistoryQuery.newest()).join().messages().stream()
        .map(Message::text)
        .toList();
  }

  private static void refused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  private static void fails(String sqlState, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            SQLException.class, fault -> assertThat(fault.getSQLState()).isEqualTo(sqlState));
  }

  // ---- the end of a transaction

  @Test
  void theCommitStoresAndThePublicationShows() throws SQLException {
    RecordingListener bob = chat.connect(BOB);
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat inside = engine.transactional(transaction.connection());
      inside.send(talk, HELLO);
      assertThat(stored()).isEmpty();
      assertThat(inside.publish().join()).isFalse();
      bob.assertNoMoreMessages();
      transaction.commit();
      assertThat(stored()).containsExactly("hello");
      assertThat(inside.publish().join()).isTrue();
    }
    bob.awaitMessage("hello");
    bob.assertNoMoreMessages();
  }

  @Test
  void whatWasCommittedAndNeverPublishedIsFound() throws SQLException {
    RecordingListener bob = chat.connect(BOB);
    try (TestTransaction transaction = chat.begin()) {
      engine.transactional(transaction.connection()).send(talk, HELLO);
      transaction.commit();
    }
    bob.awaitMessage("hello");
  }

  @Test
  void aRollbackAndACloseWithoutCommitStoreNothing() throws SQLException {
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat first = engine.transactional(transaction.connection());
      first.send(talk, HELLO);
      transaction.rollback();
      assertThat(first.publish().join()).isFalse();
      assertThatThrownBy(() -> first.send(talk, HELLO))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("take another");
      engine.transactional(transaction.connection()).send(talk, HELLO);
    }
    assertThat(stored()).isEmpty();
    assertThat(engine.asUser(ADA).send(talk, HELLO).join().seq()).isEqualTo(1);
  }

  @Test
  void aConnectionHasOneTransactionAfterAnother() throws SQLException {
    try (TestTransaction transaction = chat.begin()) {
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("one"));
      transaction.commit();
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("two"));
      transaction.rollback();
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("three"));
      transaction.connection().setAutoCommit(true); // commits, as JDBC says
      assertThatThrownBy(() -> engine.transactional(transaction.connection()))
          .isInstanceOf(IllegalStateException.class);
      fails("25P01", transaction::commit);
    }
    assertThat(stored()).containsExactly("one", "three");
  }

  @Test
  void theNodesSeeEachOthersWorkInOneTransaction() throws SQLException {
    ChatEngine other = chat.addNode().engine();
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat here = engine.transactional(transaction.connection());
      TransactionalChat there = other.transactional(transaction.connection());
      assertThat(here.send(talk, NewMessage.text("one")).seq()).isEqualTo(1);
      assertThat(there.send(talk, NewMessage.text("two")).seq()).isEqualTo(2);
      assertThat(here.send(talk, NewMessage.text("three")).seq()).isEqualTo(3);
      transaction.commit();
      assertThat(there.publish().join()).isTrue();
      assertThat(here.publish().join()).isTrue();
    }
    assertThat(stored()).containsExactly("one", "two", "three");
  }

  @Test
  void theObserverHearsOfAMessageOncePublishedOrNot() throws SQLException {
    List<String> observed = new CopyOnWriteArrayList<>();
    try (TestChat observing =
        TestChat.open(
            settings ->
                settings.commitObserver((conversation, message) -> observed.add(message.text())))) {
      ConversationId own = observing.engine().asUser(ADA).openDirect(BOB).join().id();
      observing.addNode();
      try (TestTransaction transaction = observing.begin()) {
        TransactionalChat inside = observing.engine().transactional(transaction.connection());
        inside.send(own, NewMessage.text("published"));
        transaction.commit();
        inside.publish().join();
        inside.publish().join();
        observing.engine().transactional(transaction.connection()).send(own, HELLO);
        transaction.commit();
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> observed.contains("hello"));
      assertThat(observed).containsExactly("published", "hello");
    }
  }

  // ---- locks

  @Test
  void othersWaitForTheConversationAndComeBehind() throws SQLException {
    CompletableFuture<SendAck> outside;
    try (TestTransaction transaction = chat.begin()) {
      SendAck inside = engine.transactional(transaction.connection()).send(talk, HELLO);
      assertThat(inside.seq()).isEqualTo(1);
      outside = engine.asUser(ADA).send(talk, NewMessage.text("outside"));
      ConversationId another = engine.asUser(ADA).openDirect(UserId.of("eve")).join().id();
      engine.asUser(ADA).send(another, HELLO).join();
      assertThat(outside).isNotDone();
      transaction.commit();
    }
    assertThat(outside.join().seq()).isEqualTo(2);
  }

  @Test
  void aGroupThatIsCreatedByItsKeyIsCreatedOnce() throws SQLException {
    GroupKey key = GroupKey.of("order:7");
    NewGroup wanted = NewGroup.named("order").withMember(ADA, Role.MEMBER);
    try (TestTransaction transaction = chat.begin()) {
      ConversationId inside =
          engine.transactional(transaction.connection()).ensureGroup(key, wanted).id();
      CompletableFuture<ConversationId> outside =
          engine.asApplication().ensureGroup(key, wanted).thenApply(group -> group.id());
      transaction.commit();
      assertThat(outside.join()).isEqualTo(inside);
    }
    try (TestTransaction one = chat.begin();
        TestTransaction other = chat.begin()) {
      ConversationId group = engine.transactional(one.connection()).ensureGroup(key, wanted).id();
      assertThat(engine.transactional(other.connection()).ensureGroup(key, wanted).id())
          .isEqualTo(group);
    }
  }

  @Test
  void ofTwoTransactionsThatCreateAGroupTheSecondWaitsAndFindsIt() throws SQLException {
    GroupKey key = GroupKey.of("order:8");
    NewGroup wanted = NewGroup.named("order");
    try (TestTransaction one = chat.begin();
        TestTransaction other = chat.begin()) {
      ConversationId group = engine.transactional(one.connection()).ensureGroup(key, wanted).id();
      ActiveFault entered = chat.inject(Fault.slow(Duration.ofMillis(1)).onWrites());
      TransactionalChat second = engine.transactional(other.connection());
      CompletableFuture<ConversationId> found =
          CompletableFuture.supplyAsync(() -> second.ensureGroup(key, wanted).id());
      entered.awaitHits(1);
      one.commit();
      assertThat(found.join()).isEqualTo(group);
    }
  }

  // ---- faults

  @Test
  void afterAFaultInsideTheTransactionCanOnlyBeRolledBack() throws SQLException {
    chat.inject(Fault.busy().onSends().times(1));
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat inside = engine.transactional(transaction.connection());
      inside.ensureGroup(GroupKey.of("never"), NewGroup.named("never"));
      refused(ErrorCode.BUSY, () -> inside.send(talk, HELLO));
      assertThatThrownBy(() -> inside.send(talk, HELLO))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("roll it back");
      fails("25P02", transaction::commit);
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("repeated"));
      transaction.commit();
    }
    assertThat(stored()).containsExactly("repeated");
    assertThat(engine.asApplication().find(GroupKey.of("never")).join()).isEmpty();
  }

  @Test
  void aRefusalLeavesTheTransactionAsItWas() throws SQLException {
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat inside = engine.transactional(transaction.connection());
      refused(ErrorCode.NOT_FOUND, () -> inside.send(UserId.of("eve"), talk, HELLO));
      inside.send(talk, HELLO);
      transaction.commit();
    }
    assertThat(stored()).containsExactly("hello");
  }

  @Test
  void aBusyCommitIsRolledBackAndCanBeRepeatedOnTheSameConnection() throws SQLException {
    chat.inject(Fault.busy().onCommits().times(1));
    try (TestTransaction transaction = chat.begin()) {
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("one"));
      fails("40001", transaction::commit);
      assertThat(stored()).isEmpty();
      engine.transactional(transaction.connection()).send(talk, NewMessage.text("two"));
      transaction.commit();
    }
    assertThat(stored()).containsExactly("two");
  }

  @Test
  void aCommitWithoutAStoreBreaksTheConnection() {
    chat.inject(Fault.unavailable().onCommits());
    try (TestTransaction transaction = chat.begin()) {
      engine.transactional(transaction.connection()).send(talk, HELLO);
      fails("08006", transaction::commit);
      fails("08003", transaction::commit);
    }
    assertThat(stored()).isEmpty();
  }

  @Test
  void aCommitInDoubtWasStoredOrWasNot() {
    chat.inject(Fault.inDoubtStored().onCommits().times(1));
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat inside = engine.transactional(transaction.connection());
      inside.send(talk, NewMessage.text("stored"));
      fails("08007", transaction::commit);
      assertThat(inside.publish().join()).isTrue();
    }
    chat.inject(Fault.inDoubtNotStored().onCommits().times(1));
    try (TestTransaction transaction = chat.begin()) {
      TransactionalChat inside = engine.transactional(transaction.connection());
      inside.send(talk, NewMessage.text("not stored"));
      fails("08007", transaction::commit);
      assertThat(inside.publish().join()).isFalse();
    }
    assertThat(stored()).containsExactly("stored");
  }

  @Test
  void aFaultOfOneNodeMeetsTheCommitsItTakesPartIn() throws SQLException {
    TestNode other = chat.addNode();
    other.inject(Fault.busy().onCommits());
    try (TestTransaction transaction = chat.begin()) {
      engine.transactional(transaction.connection()).send(talk, HELLO);
      transaction.commit();
      other.engine().transactional(transaction.connection()).send(talk, NewMessage.text("no"));
      fails("40001", transaction::commit);
    }
    assertThat(stored()).containsExactly("hello");
  }

  // ---- connections

  @Test
  void aConnectionOfSomethingElseIsRefused() {
    List<String> calls = new ArrayList<>();
    assertThatThrownBy(() -> engine.transactional(database(calls, false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TestChat.begin()");
  }

  @Test
  void withoutADatabaseThereAreNoStatements() {
    try (TestTransaction transaction = chat.begin()) {
      assertThatThrownBy(() -> transaction.connection().prepareStatement("SELECT 1"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("no database");
    }
  }

  @Test
  void chatIsCommittedWithTheDatabaseOfTheApplication() throws SQLException {
    List<String> calls = new ArrayList<>();
    try (TestTransaction transaction = chat.begin(database(calls, false))) {
      engine.transactional(transaction.connection()).send(talk, HELLO);
      transaction.connection().prepareStatement("INSERT");
      transaction.commit();
      engine.transactional(transaction.connection()).send(talk, HELLO);
      transaction.rollback();
    }
    assertThat(calls)
        .containsExactly(
            "setAutoCommit", "prepareStatement", "commit", "rollback", "rollback", "close");
    assertThat(stored()).containsExactly("hello");
  }

  @Test
  void whatTheDatabaseRefusesToCommitChatDoesNotStore() throws SQLException {
    List<String> calls = new ArrayList<>();
    try (TestTransaction transaction = chat.begin(database(calls, true))) {
      engine.transactional(transaction.connection()).send(talk, HELLO);
      fails("23505", transaction::commit);
    }
    assertThat(stored()).isEmpty();
    engine.asUser(ADA).send(talk, HELLO).join(); // no lock is left
  }

  @Test
  void aDataSourceOfTheApplicationGivesConnectionsThatChatTakesPartIn() throws SQLException {
    List<String> calls = new ArrayList<>();
    DataSource plain =
        (DataSource)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> database(calls, false));
    try (Connection connection = chat.dataSource(plain).getConnection()) {
      engine.transactional(connection).send(talk, HELLO);
      connection.commit();
    }
    assertThat(stored()).containsExactly("hello");
    assertThat(calls).containsExactly("commit", "rollback", "close");
  }

  /** A connection that writes down the calls. */
  private Connection database(List<String> calls, boolean refusesCommits) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "getAutoCommit", "isWrapperFor" -> {
                  return false;
                }
                case "toString" -> {
                  return "a database";
                }
                case "commit" -> {
                  if (refusesCommits) {
                    throw new SQLException("a key is there twice", "23505");
                  }
                }
                default -> {}
              }
              calls.add(method.getName());
              return null;
            });
  }
}
