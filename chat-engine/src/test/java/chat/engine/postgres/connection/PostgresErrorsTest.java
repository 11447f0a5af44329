package chat.engine.postgres.connection;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an SQLSTATE means for the caller, before the commit, in it, and in the host's own. */
final class PostgresErrorsTest {
  private static final SQLException NO_STATE = new SQLException("without a state");

  private static SQLException sql(String state) {
    return new SQLException("said the server", state);
  }

  /** As Jdbi hands it on. */
  private static RuntimeException wrapped(String state) {
    return new IllegalStateException("outer", new RuntimeException("inner", sql(state)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "57P01", "57P02", "57P03", "57P05", "57014", "25006", "08000", "08006", "53100", "53300",
        "58030"
      })
  void aServerThatIsAwayIsUnavailableBeforeTheCommitAndADoubtInIt(String state) {
    for (Throwable fault : List.of(sql(state), wrapped(state))) {
      assertThat(PostgresErrors.isAway(fault)).isTrue();
      assertThat(PostgresErrors.beforeCommit(fault))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessage("PostgreSQL is away: said the server")
          .hasCause(fault);
      assertThat(PostgresErrors.duringCommit(fault))
          .isInstanceOf(StoreInDoubtException.class)
          .hasMessage("PostgreSQL went away while committing: said the server")
          .hasCause(fault);
    }
  }

  @Test
  void aPoolThatCannotConnectIsAwayWhateverItsState() {
    SQLTransientConnectionException fault = new SQLTransientConnectionException("no connection");
    assertThat(PostgresErrors.isAway(fault)).isTrue();
    assertThat(PostgresErrors.beforeCommit(fault)).isInstanceOf(StoreUnavailableException.class);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "08", "5", "42601", "23505", "22001", "40001", "55P03"})
  void otherErrorsAreNoAbsenceOfTheServer(String state) {
    assertThat(PostgresErrors.isAway(sql(state))).isFalse();
    assertThat(PostgresErrors.isAway(new IllegalStateException("no SQL at all"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"42P05", "26000"})
  void preparedStatementsThatAPoolerMixedUpAreNamedAsWhatTheyAre(String state) {
    for (RuntimeException told :
        List.of(
            PostgresErrors.beforeCommit(wrapped(state)),
            PostgresErrors.duringCommit(wrapped(state)))) {
      assertThat(told)
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContainingAll("add prepareThreshold=0", "said the server");
    }
  }

  @Test
  void aLockThatWasNotToBeHadIsBusy() {
    assertThat(PostgresErrors.isLockTimeout(wrapped("55P03"))).isTrue();
    assertThat(PostgresErrors.isLockTimeout(sql("55000"))).isFalse();
    assertThat(PostgresErrors.isLockTimeout(new IllegalStateException("no SQL at all"))).isFalse();
    assertThat(PostgresErrors.beforeCommit(sql("55P03")))
        .isInstanceOf(StoreBusyException.class)
        .hasMessage("another transaction holds what is to be changed: said the server");
  }

  @Test
  void whatTheStoreSaidItselfAndFaultsOfTheProgramStayWhatTheyAre() {
    for (RuntimeException said :
        List.of(
            new StoreUnavailableException("away", sql("23505")),
            new StoreBusyException("busy", sql("57P01")),
            new StoreInDoubtException("in doubt", sql("57P01")),
            new IllegalArgumentException("a fault of the program"),
            new IllegalStateException("not SQL's", sql("22001")))) {
      assertThat(PostgresErrors.beforeCommit(said)).isSameAs(said);
    }
    IllegalArgumentException program = new IllegalArgumentException("a fault of the program");
    assertThat(PostgresErrors.duringCommit(program)).isSameAs(program);
  }

  @Test
  void anSqlErrorOfTheProgramKeepsItsCause() {
    SQLException syntax = sql("42601");
    for (RuntimeException told :
        List.of(PostgresErrors.beforeCommit(syntax), PostgresErrors.duringCommit(syntax))) {
      assertThat(told).isExactlyInstanceOf(IllegalStateException.class).hasCause(syntax);
    }
    assertThat(PostgresErrors.beforeCommit(NO_STATE)).hasCause(NO_STATE);
    assertThat(PostgresErrors.duringCommit(NO_STATE)).hasCause(NO_STATE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"40001", "40P01", "25P03"})
  void aTransactionThatLostIsWorthAnotherTryAndTheHostIsToldToRepeatItsOwn(String state) {
    assertThat(PostgresErrors.isWorthAnotherTry(wrapped(state))).isTrue();
    assertThat(PostgresErrors.inTransactionOfAnother(sql(state)))
        .isInstanceOf(StoreBusyException.class)
        .hasMessage("PostgreSQL asks to repeat the transaction: said the server");
  }

  @Test
  void nothingElseIsWorthAnotherTry() {
    assertThat(PostgresErrors.isWorthAnotherTry(sql("23505"))).isFalse();
    assertThat(PostgresErrors.isWorthAnotherTry(NO_STATE)).isFalse();
    assertThat(PostgresErrors.isWorthAnotherTry(new IllegalStateException("no SQL"))).isFalse();
  }

  @Test
  void inATransactionThatHasFailedTheHostIsToldToRollItBack() {
    assertThat(PostgresErrors.isInFailedTransaction(wrapped("25P02"))).isTrue();
    assertThat(PostgresErrors.isInFailedTransaction(sql("25P01"))).isFalse();
    assertThat(PostgresErrors.isInFailedTransaction(new IllegalStateException("no SQL"))).isFalse();
    assertThat(PostgresErrors.inTransactionOfAnother(sql("25P02")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("roll it back");
    assertThat(PostgresErrors.inTransactionOfAnother(sql("57P01")))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void aServerThatLetsNobodyInIsToldFromOneThatIsAway() {
    assertThat(List.of(sql("28P01"), sql("28000"), sql("3D000"), wrapped("28P01")))
        .allMatch(PostgresErrors::isRefusal);
    assertThat(List.of(sql("08006"), sql("3F000"), NO_STATE, new IllegalStateException("no SQL")))
        .noneMatch(PostgresErrors::isRefusal);
  }

  @Test
  void aRightThatIsMissingIsTold() {
    assertThat(PostgresErrors.isForbidden(wrapped("42501"))).isTrue();
    assertThat(PostgresErrors.isForbidden(sql("42601"))).isFalse();
    assertThat(PostgresErrors.isForbidden(new IllegalStateException("no SQL"))).isFalse();
  }

  @Test
  void aSchemaThatAnotherNodeCreatedMeanwhileIsThere() {
    assertThat(PostgresErrors.isThereAlready(sql("42P06"))).isTrue();
    assertThat(PostgresErrors.isThereAlready(sql("23505"))).isTrue();
    assertThat(PostgresErrors.isThereAlready(sql("42501"))).isFalse();
  }

  @Test
  void whatAFullAppendSettlesIsACollision() {
    assertThat(
            List.of(
                sql("55P03"),
                sql("40P01"),
                sql("25P03"),
                sql("23505"),
                sql("XX000"),
                wrapped("23505")))
        .allMatch(PostgresErrors::isCollision);
    assertThat(List.of(sql("57P01"), sql("23503"), NO_STATE, new IllegalStateException("no SQL")))
        .noneMatch(PostgresErrors::isCollision);
  }

  @Test
  void theRootSaysWhatHappened() {
    assertThat(PostgresErrors.rootMessage(wrapped("57P01"))).isEqualTo("said the server");
    assertThat(PostgresErrors.rootMessage(new IllegalStateException())).isEqualTo("null");
  }
}
