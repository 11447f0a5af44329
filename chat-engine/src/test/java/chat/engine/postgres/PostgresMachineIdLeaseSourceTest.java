package chat.engine.postgres;

import chat.engine.contract.MachineIdLeaseSourceContract;
import chat.engine.spi.MessageStore;
import chat.engine.testing.TestPostgres;
import com.zaxxer.hikari.HikariDataSource;

final class PostgresMachineIdLeaseSourceTest extends MachineIdLeaseSourceContract {
  private static final class Shared {
    static final HikariDataSource POOL = StorePool.open(TestPostgres.chatDatabase());
  }

  @Override
  protected MessageStore openStore() {
    return PostgresMessageStore.open(Shared.POOL);
  }
}
