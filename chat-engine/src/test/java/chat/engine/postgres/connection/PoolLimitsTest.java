package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** Pools are asked by the names that they give their limits. */
final class PoolLimitsTest {
  /** As Commons DBCP and Druid of today; both say -1 for "no limit". */
  public static final class WithMaxTotal extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;
    private final transient @Nullable Integer limit;

    WithMaxTotal(@Nullable Integer limit) {
      this.limit = limit;
    }

    public @Nullable Integer getMaxTotal() {
      return limit;
    }
  }

  /** As c3p0. */
  public static final class WithMaxPoolSize extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;

    public int getMaxPoolSize() {
      return 7;
    }
  }

  /** As Tomcat's and Druid. */
  public static final class WithMaxActive extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;

    public int getMaxActive() {
      return 1;
    }
  }

  /** As Agroal: a configuration in a configuration. */
  public static final class WithConfiguration extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;

    public Configuration getConfiguration() {
      return new Configuration();
    }
  }

  public static final class Configuration {
    public PoolConfiguration connectionPoolConfiguration() {
      return new PoolConfiguration();
    }
  }

  public static final class PoolConfiguration {
    public int maxSize() {
      return 5;
    }
  }

  /** One whose answer fails. */
  public static final class Broken extends PGSimpleDataSource {
    private static final long serialVersionUID = 1;

    public int getMaxTotal() {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  void everyPoolIsAskedInItsOwnWords() {
    try (HikariDataSource hikari = new HikariDataSource()) {
      hikari.setMaximumPoolSize(12);
      assertThat(PoolLimits.size(hikari)).hasValue(12);
    }
    assertThat(PoolLimits.size(new WithMaxTotal(8))).hasValue(8);
    assertThat(PoolLimits.size(new WithMaxPoolSize())).hasValue(7);
    assertThat(PoolLimits.size(new WithMaxActive())).hasValue(1);
    assertThat(PoolLimits.size(new WithConfiguration())).hasValue(5);
  }

  @Test
  void aPoolWithoutALimitOrThatDoesNotTellHasNone() {
    assertThat(PoolLimits.size(new WithMaxTotal(-1))).isEmpty();
    assertThat(PoolLimits.size(new WithMaxTotal(0))).isEmpty();
    assertThat(PoolLimits.size(new WithMaxTotal(null))).isEmpty();
    assertThat(PoolLimits.size(new Broken())).isEmpty();
    assertThat(PoolLimits.size(new PGSimpleDataSource())).isEmpty();
  }

  @Test
  void howLongACallerWaitsIsToldInWholeMilliseconds() {
    try (HikariDataSource hikari = new HikariDataSource()) {
      hikari.setConnectionTimeout(1_500);
      assertThat(PoolLimits.patience(hikari)).hasValue(Duration.ofMillis(1_500));
    }
    DataSource silent = new PGSimpleDataSource();
    assertThat(PoolLimits.patience(silent)).isEmpty();
  }
}
