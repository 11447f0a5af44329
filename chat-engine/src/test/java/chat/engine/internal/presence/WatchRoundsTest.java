package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.cluster.Subscriptions;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.internal.session.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchRoundsTest {
  private static final Duration TICK = Duration.ofMillis(200);
  private static final int TICKS = 25; // a round

  private final World world = new World();
  private final Session session = world.node().connect(UserId.of("ada"));
  private final Subscriptions subscriptions = new Subscriptions(new SoloRouter());
  private final Watches watches = new Watches(subscriptions);
  private final WatchRounds rounds = new WatchRounds(watches, TICK);
  private long now;

  @AfterEach
  void close() {
    subscriptions.close();
    world.close();
  }

  private Set<UserId> watch(int count) {
    Set<UserId> users =
        IntStream.range(0, count).mapToObj(i -> UserId.of("user" + i)).collect(Collectors.toSet());
    watches.replace(session, users).join();
    return users;
  }

  private List<UserId> tick() {
    now += TICK.toNanos();
    List<UserId> users = new ArrayList<>();
    rounds.tick(users, now);
    return users;
  }

  private List<UserId> hurry(int most) {
    List<UserId> users = new ArrayList<>();
    rounds.hurry(users, most, now);
    return users;
  }

  @Test
  void withNobodyToWatchNothingIsDone() {
    assertThat(tick()).isEmpty();
    rounds.hurry();
    assertThat(hurry(10)).isEmpty();
    assertThat(rounds.isHurrying()).isFalse();
  }

  @Test
  void oneUserIsLookedAtOnceARound() {
    watch(1);
    List<Integer> when = new ArrayList<>();
    for (int tick = 1; tick <= 4 * TICKS; tick++) {
      if (!tick().isEmpty()) {
        when.add(tick);
      }
    }
    assertThat(when).hasSizeBetween(3, 4);
    for (int i = 1; i < when.size(); i++) {
      assertThat(when.get(i) - when.get(i - 1)).isBetween(TICKS, TICKS + 1);
    }
  }

  @Test
  void everybodyIsLookedAtInEveryRound() {
    Set<UserId> users = watch(1_000);
    Map<UserId, Integer> times = new HashMap<>();
    for (int tick = 0; tick < 3 * TICKS + 3; tick++) {
      List<UserId> looked = tick();
      assertThat(looked).hasSizeLessThanOrEqualTo(1_000 / TICKS + 1);
      looked.forEach(user -> times.merge(user, 1, Integer::sum));
    }
    assertThat(times.keySet()).isEqualTo(users);
    assertThat(times.values()).allMatch(count -> count >= 3);
    assertThat(rounds.lastTookMillis()).isBetween(4_600L, 5_400L);
  }

  @Test
  void withTooManyARoundTakesLonger() {
    Set<UserId> users = watch(4 * TICKS * WatchRounds.MOST / 3);
    Set<UserId> looked = new HashSet<>();
    int ticks = 0;
    while (looked.size() < users.size()) {
      List<UserId> some = tick();
      assertThat(some).hasSizeLessThanOrEqualTo(WatchRounds.MOST);
      looked.addAll(some);
      ticks++;
    }
    assertThat(ticks).isBetween(4 * TICKS / 3, 4 * TICKS / 3 + 2);
    assertThat(rounds.lastTookMillis()).isBetween(6_000L, 7_200L);
  }

  @Test
  void inAHurryEverybodyIsPassedOnceAtTheCallersPace() {
    Set<UserId> users = watch(100);
    assertThat(hurry(1_000)).isEmpty(); // there is none
    for (int i = 0; i < 10; i++) {
      tick(); // leaves the round in the middle
    }
    rounds.hurry();
    Set<UserId> looked = new HashSet<>();
    for (int page = 0; page < 4; page++) {
      assertThat(rounds.isHurrying()).isTrue();
      List<UserId> some = hurry(30);
      assertThat(some).hasSize(page < 3 ? 30 : 10);
      looked.addAll(some);
    }
    assertThat(looked).isEqualTo(users);
    assertThat(rounds.isHurrying()).isFalse();
    assertThat(hurry(30)).isEmpty();
  }

  @Test
  void aHurryInAHurryPassesEverybodyOnceMore() {
    Set<UserId> users = watch(100);
    rounds.hurry();
    Set<UserId> before = new HashSet<>(hurry(60));
    rounds.hurry();
    Set<UserId> after = new HashSet<>(hurry(60));
    assertThat(after).hasSize(40).doesNotContainAnyElementsOf(before);
    assertThat(rounds.isHurrying()).isTrue();
    assertThat(new HashSet<>(hurry(100))).isEqualTo(users);
    assertThat(rounds.isHurrying()).isFalse();
  }

  @Test
  void hurriesThatNeverCeaseDoNotStarveTheLast() {
    Set<UserId> users = watch(100);
    Set<UserId> looked = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      rounds.hurry();
      looked.addAll(hurry(10));
    }
    assertThat(looked).isEqualTo(users);
  }
}
