package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.accounts.login.BearerTokens;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BearerTokensTest {
  @Test
  void theSchemeIsTheSameInAnyCase() {
    for (String header : List.of("Bearer abc.d", "bearer abc.d", "BEARER  abc.d ")) {
      assertThat(BearerTokens.inHeader(header)).as(header).contains("abc.d");
    }
  }

  @Test
  void otherHeadersHoldNoToken() {
    for (String header : List.of("", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "abc")) {
      assertThat(BearerTokens.inHeader(header)).as(header).isEmpty();
    }
    assertThat(BearerTokens.inHeader(null)).isEmpty();
  }
}
