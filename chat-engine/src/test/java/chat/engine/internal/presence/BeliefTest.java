package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BeliefTest {
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final RouterTrust trust = new RouterTrust();
  private final Belief belief = new Belief();

  private static long at(double seconds) {
    return (long) (seconds * 1e9);
  }

  /** A look that took no time. */
  private void missed(double seconds) {
    belief.missed(at(seconds), at(seconds), trust);
  }

  private void assertOnline() {
    assertThat(belief.state()).isEqualTo(Belief.State.ONLINE);
  }

  private void assertOffline() {
    assertThat(belief.state()).isEqualTo(Belief.State.OFFLINE);
    assertThat(belief.isPending()).isFalse();
  }

  @Test
  void nothingIsKnownBeforeALook() {
    assertThat(belief.state()).isEqualTo(Belief.State.UNKNOWN);
    belief.unseen();
    assertThat(belief.state()).isEqualTo(Belief.State.UNKNOWN);
    assertThat(belief.isPending()).isFalse();
  }

  @Test
  void theFirstLookCounts() {
    missed(0);
    assertOffline();
  }

  @Test
  void aLookAtARouterThatIsNotSteadySaysNothingOfWhoWasNeverSeen() {
    trust.doubt(at(0));
    missed(4.9);
    assertThat(belief.state()).isEqualTo(Belief.State.UNKNOWN);
    assertThat(belief.isPending()).isFalse();
    trust.observe(false, at(5));
    missed(5);
    assertThat(belief.state()).isEqualTo(Belief.State.UNKNOWN);
    trust.observe(true, at(6));
    missed(10.9);
    assertThat(belief.state()).isEqualTo(Belief.State.UNKNOWN);
    missed(11);
    assertOffline();
  }

  @Test
  void whoIsOfflineStaysSoWhateverTheRouter() {
    missed(0);
    trust.doubt(at(1));
    missed(2);
    assertOffline();
  }

  @Test
  void whoIsSeenIsOnlineAtOnce() {
    missed(0);
    belief.seen(at(1));
    assertOnline();
    assertThat(belief.isPending()).isFalse();
  }

  @Test
  void whoIsMissingOnceIsNotOffline() {
    belief.seen(at(0));
    missed(1);
    assertOnline();
    assertThat(belief.isPending()).isTrue();
    assertThat(belief.isDue(at(5.9), trust)).isFalse();
    missed(5.9);
    assertOnline();
    assertThat(belief.isDue(at(6), trust)).isTrue();
    missed(6);
    assertOffline();
  }

  @Test
  void whoWasSeenBetweenHasToBeMissingTwiceAgain() {
    belief.seen(at(0));
    missed(1);
    belief.seen(at(3));
    assertThat(belief.isPending()).isFalse();
    missed(6);
    assertOnline();
    missed(11);
    assertOffline();
  }

  @Test
  void aLookThatCouldNotBeMadeBeginsItAnew() {
    belief.seen(at(0));
    missed(1);
    belief.unseen();
    assertThat(belief.isPending()).isFalse();
    missed(6);
    assertOnline();
    missed(11);
    assertOffline();
  }

  @Test
  void aLookCountsFromWhenItBegan() {
    belief.seen(at(0));
    belief.missed(at(0.5), at(2), trust);
    belief.missed(at(6.9), at(7.5), trust);
    assertOnline();
    belief.missed(at(7), at(7), trust);
    assertOffline();
  }

  @Test
  void whoLeftIsOfflineWithTheFirstLook() {
    belief.seen(at(0));
    belief.leave(at(3), Duration.ZERO);
    assertOnline();
    assertThat(belief.isDue(at(3), trust)).isTrue();
    missed(3);
    assertOffline();
  }

  @Test
  void whoLeftOneNodeAndIsOnAnotherIsOnlineAndHasToBeMissingTwiceAgain() {
    belief.seen(at(0));
    belief.leave(at(3), Duration.ZERO);
    belief.seen(at(3));
    assertThat(belief.isPending()).isFalse();
    missed(10);
    assertOnline();
  }

  @Test
  void aLookThatBeganBeforeTheUserLeftDoesNotSaveThem() {
    belief.seen(at(0));
    belief.leave(at(3), Duration.ZERO);
    belief.seen(at(2.9));
    missed(3.2);
    assertOffline();
  }

  @Test
  void whoseNodeLeavesHasTheGrace() {
    belief.seen(at(0));
    belief.leave(at(1), GRACE);
    missed(2);
    missed(10.9);
    assertOnline();
    assertThat(belief.isDue(at(10.9), trust)).isFalse();
    assertThat(belief.isDue(at(11), trust)).isTrue();
    missed(11);
    assertOffline();
  }

  @Test
  void whoIsStillSeenWhileTheNodeLeavesIsOfflineWithTheFirstLookAfterTheGrace() {
    belief.seen(at(0));
    belief.leave(at(1), GRACE);
    belief.seen(at(2));
    assertThat(belief.isPending()).isTrue();
    assertThat(belief.isDue(at(10.9), trust)).isFalse();
    assertThat(belief.isDue(at(11), trust)).isTrue();
    missed(11);
    assertOffline();
  }

  @Test
  void whoseNodeDiedHasTheGraceAndIsConfirmed() {
    belief.seen(at(0));
    belief.lose(at(1), GRACE);
    missed(1);
    missed(7);
    missed(10.9);
    assertOnline();
    missed(11);
    assertOffline();
  }

  @Test
  void whoseNodeDiedIsConfirmedEvenIfTheGraceIsShort() {
    belief.seen(at(0));
    belief.lose(at(1), Duration.ofMillis(300));
    missed(1.3);
    assertOnline();
    missed(6.3);
    assertOffline();
  }

  @Test
  void whoComesBackWithinTheGraceIsNoLongerPendingWhenItIsOver() {
    belief.seen(at(0));
    belief.lose(at(1), GRACE);
    missed(1);
    belief.seen(at(4));
    assertOnline();
    belief.seen(at(11));
    assertThat(belief.isPending()).isFalse();
    missed(12);
    assertOnline();
  }

  @Test
  void aLaterGraceDoesNotShortenAnEarlierOne() {
    belief.seen(at(0));
    belief.lose(at(1), GRACE);
    belief.leave(at(2), Duration.ZERO);
    missed(10.9);
    assertOnline();
    missed(11);
    assertOffline();
  }

  @Test
  void whatAnOfflineUsersNodeSaidDoesNotOutlastTheirReturn() {
    missed(0);
    belief.leave(at(1), Duration.ZERO);
    assertThat(belief.isPending()).isFalse();
    belief.seen(at(2));
    missed(3);
    assertOnline();
  }

  @Test
  void whatWasSaidBeforeTheUserWasOfflineIsForgottenThen() {
    belief.seen(at(0));
    belief.leave(at(1), Duration.ZERO);
    missed(1);
    assertOffline();
    belief.seen(at(1.1));
    missed(2);
    assertOnline();
    missed(6.9);
    assertOnline();
    missed(7);
    assertOffline();
  }

  @Test
  void nobodyIsOfflineWhileTheRouterIsNotHealthy() {
    belief.seen(at(0));
    trust.observe(false, at(1));
    belief.leave(at(1), Duration.ZERO);
    missed(1);
    missed(60);
    assertOnline();
    assertThat(belief.isDue(at(60), trust)).isFalse();
    trust.observe(true, at(61));
    assertThat(belief.isDue(at(60), trust)).isTrue(); // missing for longer than any patience
    missed(61);
    assertOffline();
  }

  @Test
  void nobodyIsOfflineBeforeTheRouterHasBeenSteadyForALease() {
    belief.seen(at(0));
    missed(1);
    trust.doubt(at(4));
    missed(8.9);
    assertOnline();
    assertThat(belief.isDue(at(8.9), trust)).isFalse();
    assertThat(belief.isDue(at(9), trust)).isTrue();
    missed(9);
    assertOffline();
  }

  @Test
  void whoLeftIsNotOfflineEitherBeforeTheRouterIsSteady() {
    belief.seen(at(0));
    trust.doubt(at(4));
    belief.leave(at(5), Duration.ZERO);
    missed(5);
    assertOnline();
    missed(9);
    assertOffline();
  }

  @Test
  void doubtsThatNeverCeaseKeepNobodyOnline() {
    belief.seen(at(0));
    for (double now = 1; now < 31; now += 0.5) {
      trust.doubt(at(now));
      missed(now);
      assertOnline();
    }
    trust.doubt(at(31));
    missed(31);
    assertOffline();
  }
}
