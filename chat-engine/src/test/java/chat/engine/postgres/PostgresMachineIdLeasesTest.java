package chat.engine.postgres;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.MachineIdLeases;
import chat.engine.testing.TestDatabase;
import chat.engine.testing.TestPostgres;
import org.junit.jupiter.api.AfterEach;

final class PostgresMachineIdLeasesTest extends MachineIdLeasesContract {
  private final TestDatabase database = TestPostgres.chatDatabase();
  private final PostgresMessageStore store =
      PostgresMessageStore.open(database.jdbcUrl(), database.user(), database.password());

  @Override
  protected MachineIdLeases leases() {
    return store.machineIdLeases();
  }

  @Override
  protected MachineIdLeases leasesOf(int machines) {
    return new PostgresMachineIdLeases(new Transactions(database.dataSource()), machines);
  }

  @AfterEach
  void close() {
    store.close();
    database.close();
  }
}
