package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.contract.StoreFixture;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.AppendOutcome.Locked;
import chat.engine.spi.Draft;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Appends to a conversation that another transaction holds. */
@Timeout(60)
final class HeldConversationTest {
  /** Longer than a slow machine takes for a short wait, and shorter than the wait of a default. */
  private static final Duration WITHOUT_A_LONG_WAIT = Duration.ofSeconds(4);

  private final TestDatabase database = TestPostgres.chatDatabase();
  private final StoreFixture chat =
      new StoreFixture(() -> PostgresMessageStore.open(database.dataSource()));
  private final UserId ada = chat.user("ada");
  private final ConversationId held = chat.group(ada);
  private final ConversationId free = chat.group(ada);
  private Connection holder;

  @BeforeEach
  void hold() throws SQLException {
    holder = database.dataSource().getConnection();
    holder.setAutoCommit(false);
    try (Statement statement = holder.createStatement()) {
      statement.execute(
          "SELECT 1 FROM chat_conversation_counters WHERE conversation_id = "
              + held
              + " FOR UPDATE");
    }
  }

  @AfterEach
  void close() throws SQLException {
    holder.close();
    chat.close();
    database.close();
  }

  private Draft text(ConversationId conversation) {
    return chat.drafts().text(conversation, ada, "text");
  }

  private List<AppendOutcome> append(Duration lockWait, Draft... drafts) {
    long begun = System.nanoTime();
    List<AppendOutcome> outcomes = chat.store().append(List.of(drafts), lockWait);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(WITHOUT_A_LONG_WAIT);
    return outcomes;
  }

  @Test
  void whatIsHeldIsPassedByIfNobodyIsToWait() {
    assertThat(append(Duration.ZERO, text(held), text(free), text(held)))
        .containsExactly(new Locked(), new AppendOutcome.Stored(1, 0), new Locked());
    assertThat(append(Duration.ZERO, text(held))).containsExactly(new Locked());
    assertThat(append(Duration.ZERO, text(ConversationId.of(1)), text(held)))
        .containsExactly(new AppendOutcome.NoSuchConversation(), new Locked());
  }

  @Test
  void whatIsHeldIsWaitedForAsLongAsTheCallerSays() throws SQLException {
    assertThat(append(Duration.ofMillis(50), text(held), text(held)))
        .containsExactly(new Locked(), new Locked());
    holder.rollback();
    assertThat(append(Duration.ofSeconds(30), text(held)))
        .containsExactly(new AppendOutcome.Stored(1, 0));
  }
}
