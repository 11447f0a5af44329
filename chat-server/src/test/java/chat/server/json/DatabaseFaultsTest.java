package chat.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseFaultsTest {
  private static Throwable toldToTheEngine(JdbiException fault) {
    return catchThrowable(
        () ->
            DatabaseFaults.forEngine(
                () -> {
                  throw fault;
                }));
  }

  @Test
  void anAnswerIsTheAnswer() {
    assertThat(DatabaseFaults.<String>forEngine(() -> "contacts")).isEqualTo("contacts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "53300", "57P01", "57014", "58030", "25006"})
  void theEngineIsToldThatTheDatabaseIsAway(String state) {
    JdbiException away =
        new UnableToExecuteStatementException(new SQLException("away", state), null);
    assertThat(toldToTheEngine(away))
        .hasCause(away)
        .isInstanceOfSatisfying(
            ChatException.class, told -> assertThat(told.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void aPoolWithoutAConnectionIsADatabaseThatIsAway() {
    JdbiException none = new ConnectionException(new SQLTransientConnectionException("none"));
    assertThat(toldToTheEngine(none))
        .isInstanceOfSatisfying(
            ChatException.class, told -> assertThat(told.code()).isEqualTo(ErrorCode.UNAVAILABLE));
  }

  @Test
  void aStatementThatIsWrongStaysAFaultOfTheProgram() {
    JdbiException wrong =
        new UnableToExecuteStatementException(new SQLException("no such column", "42703"), null);
    assertThat(toldToTheEngine(wrong)).isSameAs(wrong);
  }
}
