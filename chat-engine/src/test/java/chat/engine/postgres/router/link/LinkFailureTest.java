package chat.engine.postgres.router.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the errors of PostgreSQL and of its driver mean. */
final class LinkFailureTest {
  private static LinkFailure failure(String state) {
    return LinkFailure.of(new SQLException("said the server", state));
  }

  @Test
  void aConnectionThatIsGoneIsBrokenAndOneCauseForTheLog() {
    for (String state : List.of("08006", "08001", "57P01", "57P02", "57P03", "57P05")) {
      assertThat(failure(state).isBroken()).as(state).isTrue();
      assertThat(failure(state).code()).isEqualTo("connection");
      assertThat(failure(state)).hasMessage("said the server");
    }
    assertThat(LinkFailure.of(new SQLException("without a state")).isBroken()).isTrue();
  }

  @Test
  void aNetworkThatFailsIsNamedWithTheWordsOfTheSystem() {
    LinkFailure failure =
        LinkFailure.of(
            new SQLException(
                "An I/O error", "XX999", new SocketTimeoutException("Read timed out")));
    assertThat(failure.isBroken()).isTrue();
    assertThat(failure).hasMessage("An I/O error (Read timed out)");
    LinkFailure deep =
        LinkFailure.of(
            new SQLException("outer", "XX999", new IllegalStateException(new IOException("in"))));
    assertThat(deep.isBroken()).isTrue();
    assertThat(deep).hasMessage("outer");
  }

  @Test
  void aStatementThatIsRefusedLeavesTheConnection() {
    assertThat(failure("55P03").isBroken()).isFalse();
    assertThat(failure("55P03").code()).isEqualTo("55P03");
    assertThat(failure("42P01").isBroken()).isFalse();
    assertThat(failure("42P01"))
        .hasMessageContaining("the tables are made when a PostgresMessageStore is opened");
  }

  @Test
  void aServerThatBecameReadOnlyIsLeft() {
    assertThat(failure("25006").isBroken()).isTrue();
    assertThat(failure("25006").code()).isEqualTo("25006");
  }

  @Test
  void aCallOverALinkThatWasGivenUpSaysWhy() {
    assertThat(LinkFailure.givenUp(null)).hasMessage("the connection was given up");
    assertThat(LinkFailure.givenUp(null).isBroken()).isTrue();
    LinkFailure why = failure("25006");
    assertThat(LinkFailure.givenUp(why)).hasMessage("said the server").hasCause(why);
    assertThat(LinkFailure.givenUp(why).code()).isEqualTo("25006");
  }
}
