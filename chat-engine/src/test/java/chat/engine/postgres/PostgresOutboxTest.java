package chat.engine.postgres;

import chat.engine.contract.PublicationOutboxContract;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;

final class PostgresOutboxTest extends PublicationOutboxContract {
  private static final class Shared {
    static final HikariDataSource POOL = StorePool.open(TestPostgres.chatDatabase());
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(Shared.POOL);
  }

  @Override
  protected Connection begin() throws SQLException {
    Connection connection = Shared.POOL.getConnection();
    connection.setAutoCommit(false);
    return connection;
  }
}
