package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.uri.AllowedOrigins;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AllowedOriginsTest {
  @Test
  void thePortThatGoesWithoutSayingMakesNoDifference() {
    List<List<String>> same =
        List.of(
            List.of("http://localhost", "http://localhost:80"),
            List.of("https://[::1]", "https://[::1]:443"));
    for (List<String> ways : same) {
      for (String configured : ways) {
        AllowedOrigins origins = new AllowedOrigins(List.of(configured));
        assertThat(ways).as(configured).allMatch(origins::allows);
      }
    }
  }

  @Test
  void anotherSchemeOrPortIsAnotherOrigin() {
    AllowedOrigins origins = new AllowedOrigins(List.of("http://localhost", "https://a.example"));
    for (String other :
        List.of(
            "https://localhost",
            "http://localhost:443",
            "http://localhost:8080",
            "https://a.example:80",
            "https://a.example:4430",
            "null",
            "")) {
      assertThat(origins.allows(other)).as(other).isFalse();
    }
    assertThat(new AllowedOrigins(List.of(AllowedOrigins.ANY)).allows("null")).isTrue();
  }
}
