package chat.engine.postgres;

import chat.engine.testing.TestDatabase;
import com.zaxxer.hikari.HikariDataSource;

/**
 * A pool for all stores of a class of tests, which stays open until the JVM ends: hundreds of
 * stores with pools of their own would open thousands of connections. Nor are the pool and its
 * database to be made anew for a test that runs alone, as each does in a mutation test; so it
 * belongs into a class that is loaded once.
 */
final class StorePool {
  private StorePool() {}

  static HikariDataSource open(TestDatabase database) {
    HikariDataSource pool = new HikariDataSource();
    pool.setDataSource(database.dataSource());
    pool.setMaximumPoolSize(12);
    pool.setMinimumIdle(1);
    return pool;
  }
}
