package chat.engine.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class WatchedPresenceTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final WatchedPresence watched = new WatchedPresence(Set.of(CLEO, BOB), null);

  @Test
  void whoIsNotWatchedIsNeverToldOf() {
    watched.tell(ADA, true);
    watched.answer(ADA, true);
    watched.fail(ADA);
    watched.forget(ADA);
    assertThat(watched.needs(ADA, true)).isFalse();
    assertThat(watched.needs(ADA, false)).isFalse();
    assertThat(watched.users()).containsExactly(BOB, CLEO);
  }

  @Test
  void nothingIsToldWhileTheAnswerIsUnderWay() {
    assertThat(watched.needs(BOB, true)).isFalse();
    watched.forget(BOB);
    assertThat(watched.needs(BOB, false)).isFalse();
  }

  @Test
  void afterTheAnswerOnlyWhatDiffersIsTold() {
    watched.answer(BOB, true);
    watched.answer(CLEO, false);
    assertThat(watched.needs(BOB, true)).isFalse();
    assertThat(watched.needs(BOB, false)).isTrue();
    assertThat(watched.needs(CLEO, true)).isTrue();
    assertThat(watched.needs(CLEO, false)).isFalse();
    watched.tell(CLEO, true);
    assertThat(watched.needs(CLEO, true)).isFalse();
    assertThat(watched.needs(CLEO, false)).isTrue();
  }

  @Test
  void whatWasDroppedIsToldAgain() {
    watched.answer(BOB, true);
    watched.forget(BOB);
    assertThat(watched.needs(BOB, true)).isTrue();
    assertThat(watched.needs(BOB, false)).isTrue();
  }

  @Test
  void whereTheAnswerFailedAnEventTells() {
    watched.fail(BOB);
    assertThat(watched.needs(BOB, true)).isTrue();
    assertThat(watched.needs(BOB, false)).isTrue();
    watched.answer(CLEO, true);
    watched.fail(CLEO);
    assertThat(watched.needs(CLEO, true)).isFalse();
  }

  @Test
  void whatWasToldOfThoseWhoAreWatchedOnStillHolds() {
    watched.answer(BOB, true);
    WatchedPresence next = new WatchedPresence(Set.of(ADA, BOB, CLEO), watched);
    assertThat(next.needs(BOB, true)).isFalse();
    assertThat(next.needs(BOB, false)).isTrue();
    assertThat(next.needs(ADA, true)).isFalse(); // to be answered
    assertThat(next.needs(CLEO, true)).isFalse(); // still to be answered
  }

  @Test
  void anAnswerThatTellsOtherThanTheLastEventIsFollowedByAnEvent() {
    watched.answer(BOB, true);
    watched.answer(BOB, true);
    assertThat(watched.needs(BOB, true)).isFalse();
    watched.answer(BOB, false);
    assertThat(watched.needs(BOB, false)).isTrue();
    assertThat(watched.needs(BOB, true)).isTrue();
  }
}
