package chat.engine.protocol.rate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import chat.engine.UserId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class UserRatesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final long SECOND = 1_000_000_000L;
  private static final long TENTH = SECOND / 10;

  /** For what is rounded. */
  private static final long LITTLE = SECOND / 1_000;

  /** Ten a second, and so twenty at once. */
  private final UserRates rates = new UserRates(10);

  private final UserRate rate = rates.join(ADA, 0);

  private static RequestPace connection(UserRate of) {
    RequestPace pace = new RequestPace(1_000, 0);
    pace.belongsTo(of);
    return pace;
  }

  private static void takeBurst(UserRate from, long now) {
    IntStream.range(0, 20).forEach(i -> assertThat(from.turn(now)).isZero());
  }

  @Test
  void requestsThatComeTooSoonGetOneTurnAfterTheOther() {
    takeBurst(rate, 0);
    for (int i = 1; i <= 5; i++) {
      assertThat(rate.turn(0)).isCloseTo(i * TENTH, within(LITTLE));
    }
    assertThat(rate.turn(SECOND)).as("the five have had their turns by then").isZero();
    assertThat(rate.turn(SECOND / 2)).as("a clock that was read earlier").isZero();
  }

  @Test
  void whatIsNotUsedAddsUpToTheBurst() {
    takeBurst(rate, 0);
    takeBurst(rate, 100 * SECOND);
    assertThat(rate.turn(100 * SECOND)).isPositive();
  }

  @Test
  void aConnectionWaitsForItsTurnAndThenPassesWithoutAskingForAnother() {
    takeBurst(rate, 0);
    RequestPace phone = connection(rate);
    RequestPace laptop = connection(rate);
    assertThat(phone.take(0)).isCloseTo(TENTH, within(LITTLE));
    assertThat(laptop.take(0)).isCloseTo(2 * TENTH, within(LITTLE));
    assertThat(phone.take(TENTH / 2)).as("asked too early").isCloseTo(TENTH / 2, within(LITTLE));
    assertThat(laptop.take(TENTH)).isCloseTo(TENTH, within(LITTLE));
    assertThat(phone.take(TENTH + LITTLE)).isZero();
    assertThat(laptop.take(2 * TENTH + LITTLE)).isZero();
    assertThat(phone.take(2 * TENTH)).isCloseTo(TENTH, within(LITTLE));
  }

  @Test
  void aConnectionHasItsOwnRateToo() {
    RequestPace slow = new RequestPace(1, 0);
    slow.belongsTo(rate);
    assertThat(slow.take(0)).isZero();
    assertThat(slow.take(0)).isZero();
    assertThat(slow.take(0)).isCloseTo(SECOND, within(LITTLE));
    IntStream.range(0, 18).forEach(i -> assertThat(rate.turn(0)).isZero());
    assertThat(rate.turn(0))
        .as("what the connection may not send costs the user nothing")
        .isPositive();
  }

  @Test
  void whatDoesNotWaitIsCountedAndHoldsTheNextOnesUpForABurstAtMost() {
    RequestPace closed = connection(rate);
    IntStream.range(0, 1_000).forEach(i -> closed.pass(0));
    assertThat(rate.turn(0)).isCloseTo(21 * TENTH, within(LITTLE));
    RequestPace waiting = connection(rate);
    assertThat(waiting.take(0)).isCloseTo(22 * TENTH, within(LITTLE));
    waiting.pass(0);
    assertThat(rate.turn(0)).as("its turn was counted").isCloseTo(23 * TENTH, within(LITTLE));
  }

  @Test
  void allConnectionsOfAUserShareOneRateAndOthersHaveTheirs() {
    assertThat(rates.join(ADA, 0)).isSameAs(rate);
    assertThat(rates.join(UserId.of("bob"), 0)).isNotSameAs(rate);
    rates.leave(ADA, 0);
    assertThat(rates.join(ADA, 1_000 * SECOND)).as("one connection has stayed").isSameAs(rate);
  }

  @Test
  void aUserWhoLeavesIsKnownForAWhileAndThenForgotten() {
    rates.leave(ADA, 0);
    assertThat(rates.join(ADA, 60 * SECOND)).isSameAs(rate);
    rates.leave(ADA, 60 * SECOND);
    rates.join(UserId.of("bob"), 121 * SECOND);
    assertThat(rates.size()).isEqualTo(1);
    assertThat(rates.join(ADA, 121 * SECOND)).isNotSameAs(rate);
  }

  @Test
  void onlySoManyWhoHaveLeftAreKnown() {
    rates.leave(ADA, 0);
    for (int i = 0; i < UserRates.MOST_GONE; i++) {
      UserId user = UserId.of("u" + i);
      rates.join(user, 0);
      rates.leave(user, 0);
    }
    assertThat(rates.size()).isEqualTo(UserRates.MOST_GONE);
    assertThat(rates.join(ADA, 0)).as("gone for longest").isNotSameAs(rate);
  }
}
