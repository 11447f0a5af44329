package consumer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.testkit.ActiveFault;
import chat.engine.testkit.Fault;
import chat.engine.testkit.RecordingListener;
import chat.engine.testkit.TestChat;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of an application with chat, on a database of its own and without PostgreSQL. */
final class OrdersTest {
  private static final UserId ADA = UserId.of("ada");

  private final TestChat chat = TestChat.open();
  private final DataSource database = chat.dataSource(h2());
  private final Orders orders = new Orders(database, chat.engine());
  private final RecordingListener ada = chat.connect(ADA);

  private static DataSource h2() {
    JdbcDataSource source = new JdbcDataSource();
    source.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
    return source;
  }

  @BeforeEach
  void createTable() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE orders (id INT PRIMARY KEY, customer VARCHAR(255))");
    }
  }

  @AfterEach
  void close() {
    chat.close();
  }

  @Test
  void anOrderIsStoredAndItsCustomerIsTold() throws SQLException {
    orders.place(7, ADA);
    assertTrue(orders.exists(7));
    assertEquals("Order 7", ada.awaitNext(ConversationChanged.class).conversation().name());
    ada.awaitMessage("Thank you for order 7");
    ada.assertNoMoreMessages();
  }

  @Test
  void theCustomerIsToldOnEveryNode() throws SQLException {
    RecordingListener elsewhere = chat.addNode().connect(ADA);
    orders.place(7, ADA);
    elsewhere.awaitMessage("Thank you for order 7");
  }

  @Test
  void whileChatIsBusyTheTransactionIsRepeated() throws SQLException {
    chat.inject(Fault.busy().onSends().times(1));
    chat.inject(Fault.busy().onCommits().times(1));
    orders.place(7, ADA);
    assertTrue(orders.exists(7));
    ada.awaitMessage("Thank you for order 7");
    ada.assertNoMoreMessages();
  }

  @Test
  void whenChatStaysBusyThereIsNoOrder() throws SQLException {
    try (ActiveFault busy = chat.inject(Fault.busy().onSends())) {
      ChatException refusal = assertThrows(ChatException.class, () -> orders.place(7, ADA));
      assertEquals(ErrorCode.BUSY, refusal.code());
      assertEquals(3, busy.hits());
    }
    assertFalse(orders.exists(7));
    ada.assertNoMoreMessages();
  }

  @Test
  void aCommitInDoubtThatHappenedIsNotMadeTwice() throws SQLException {
    chat.inject(Fault.inDoubtStored().onCommits().times(1));
    orders.place(7, ADA);
    ada.awaitMessage("Thank you for order 7");
    ada.assertNoMoreMessages();
  }

  @Test
  void aCommitInDoubtThatDidNotHappenIsMadeAgain() throws SQLException {
    chat.inject(Fault.inDoubtNotStored().onCommits().times(1));
    orders.place(7, ADA);
    assertTrue(orders.exists(7));
    ada.awaitMessage("Thank you for order 7");
    ada.assertNoMoreMessages();
  }

  @Test
  void anOrderThatTheDatabaseRefusesIsNotTold() throws SQLException {
    orders.place(7, ADA);
    ada.awaitMessage("Thank you for order 7");
    assertThrows(SQLException.class, () -> orders.place(7, UserId.of("bob")));
    ada.assertNoMoreMessages();
    assertEquals(1, ada.messages().size());
  }
}
