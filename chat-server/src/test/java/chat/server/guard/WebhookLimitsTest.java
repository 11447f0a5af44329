package chat.server.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class WebhookLimitsTest {
  private final WebhookLimits limits =
      new WebhookLimits(
          new Rate(2, Duration.ofMinutes(1)), new SecurityEvents(new SimpleMeterRegistry()));

  private String post(long webhook) {
    return limits.posted(webhook, "192.0.2.1", () -> "posted");
  }

  @Test
  void eachWebhookHasALimitOfItsOwn() {
    assertThat(post(1)).isEqualTo("posted");
    assertThat(post(1)).isEqualTo("posted");
    assertThatThrownBy(() -> post(1))
        .isInstanceOfSatisfying(
            ApiException.class,
            refusal -> {
              assertThat(refusal.error()).isEqualTo(ApiError.RATE_LIMITED);
              assertThat(refusal.retryAfter().orElseThrow())
                  .isBetween(Duration.ofSeconds(25), Duration.ofSeconds(30));
            });
    assertThat(post(2)).isEqualTo("posted");
  }

  @Test
  void whatTheServerFailsAtIsNotCountedAndWhatTheSenderDoesWrongIs() {
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> fails(ApiException.busy())).hasMessageContaining("too much to do");
    }
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> fails(ApiException.badRequest("blank"))).hasMessage("blank");
    }
    assertThatThrownBy(() -> post(1)).hasMessage("too many requests");
  }

  private void fails(ApiException refusal) {
    limits.posted(
        1,
        "192.0.2.1",
        () -> {
          throw refusal;
        });
  }
}
