package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.Draft;
import chat.engine.spi.StoreBusyException;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * No transaction keeps its locks for long when its process stands still. {@link
 * TransactionSettingsTest} has the settings that this rests on.
 */
@Tag("thorough")
@Timeout(120)
final class TransactionLimitsTest {
  private final TestDatabase database = TestPostgres.chatDatabase();
  private final PostgresMessageStore store =
      PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());
  private final StoreFixture chat = new StoreFixture(() -> store);
  private final UserId ada = chat.user("ada");
  private final UserId bob = chat.user("bob");
  private final ConversationId group = chat.group(ada, bob);

  @AfterEach
  void close() {
    chat.close();
    database.close();
  }

  private Draft verified() {
    return chat.drafts().draft(group, ada).verifiedRev(chat.rev(group)).build();
  }

  // ---- a process that stands still

  /** A store that stands still before the first statement of a kind until it is told to go on. */
  private PostgresMessageStore standingStillBefore(
      Predicate<String> statement, CountDownLatch reached, CountDownLatch goOn) {
    AtomicBoolean stood = new AtomicBoolean();
    return PostgresMessageStore.open(
        InterceptedDataSource.of(
            database.dataSource(),
            (connection, sql) -> {
              if (statement.test(sql) && stood.compareAndSet(false, true)) {
                reached.countDown();
                goOn.await();
              }
            }));
  }

  private AppendOutcome waitForTheConversation() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> store.append(List.of(verified()), Duration.ofMillis(200)).get(0),
            AppendOutcome.Stored.class::isInstance);
  }

  @Test
  void aNodeThatStandsStillBetweenTheStatementsOfAnAppendFreesTheConversation() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (PostgresMessageStore stopped =
        standingStillBefore(
            sql -> sql.startsWith("INSERT INTO \"public\".chat_messages"), reached, goOn)) {
      Draft draft = verified();
      CompletableFuture<List<AppendOutcome>> append =
          CompletableFuture.supplyAsync(() -> stopped.append(List.of(draft), Duration.ZERO));
      assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(store.append(List.of(verified()), Duration.ZERO))
          .containsExactly(new AppendOutcome.Locked());
      assertThat(waitForTheConversation()).isEqualTo(new AppendOutcome.Stored(1, 0));

      goOn.countDown(); // it notices that its transaction was ended, and appends again
      assertThat(append.get(30, TimeUnit.SECONDS)).containsExactly(new AppendOutcome.Stored(2, 0));
      assertThat(chat.messages(group)).hasSize(2);
    }
  }

  @Test
  void aNodeThatStandsStillWhileItChangesAGroupFreesTheConversation() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (PostgresMessageStore stopped =
        standingStillBefore(
            sql -> sql.startsWith("INSERT INTO \"public\".chat_conversation_changes"),
            reached,
            goOn)) {
      var change =
          CompletableFuture.supplyAsync(
              () ->
                  stopped
                      .conversations()
                      .change(
                          group, 0, List.of(StoreFixture.removed(bob)), ada, chat.drafts().now()));
      assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(waitForTheConversation()).isEqualTo(new AppendOutcome.Stored(1, 0));

      goOn.countDown();
      assertThat(change.get(30, TimeUnit.SECONDS).orElseThrow().changes())
          .extracting(made -> made.atSeq())
          .containsExactly(1L);
      assertThat(chat.conversations().member(group, bob)).isEmpty();
    }
  }

  @Test
  void whoWaitsTooLongForALockIsToldThatTheStoreIsBusyAndNothingWasChanged() throws SQLException {
    try (Connection holder = database.dataSource().getConnection()) {
      holder.setAutoCommit(false);
      holder
          .createStatement()
          .execute(
              "SELECT 1 FROM chat_conversation_counters WHERE conversation_id = "
                  + group
                  + " FOR UPDATE");
      assertThatThrownBy(
              () ->
                  chat.conversations()
                      .change(
                          group, 0, List.of(StoreFixture.removed(bob)), ada, chat.drafts().now()))
          .isInstanceOf(StoreBusyException.class)
          .hasMessageContaining("another transaction");
    }
    assertThat(chat.rev(group)).isZero();
  }
}
