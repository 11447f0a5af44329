package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RouterTrustTest {
  private static final long LEASE = RouterTrust.LEASE.toNanos();
  private final RouterTrust trust = new RouterTrust();

  @Test
  void aRouterOfWhichNothingIsKnownIsSteady() {
    assertThat(trust.isHealthy()).isTrue();
    trust.observe(true, 7);
    assertThat(trust.steadyFrom()).isNegative();
  }

  @Test
  void itIsSteadyALeaseAfterItsLinkIsBack() {
    trust.observe(false, 10);
    assertThat(trust.isHealthy()).isFalse();
    trust.observe(true, 20);
    trust.observe(true, 30);
    assertThat(trust.isHealthy()).isTrue();
    assertThat(trust.steadyFrom()).isEqualTo(20 + LEASE);
  }

  @Test
  void itIsSteadyALeaseAfterADoubt() {
    trust.doubt(10);
    trust.doubt(20);
    assertThat(trust.isHealthy()).isTrue();
    assertThat(trust.steadyFrom()).isEqualTo(20 + LEASE);
  }
}
