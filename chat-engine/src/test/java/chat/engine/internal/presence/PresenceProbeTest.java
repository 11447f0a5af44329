package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.UserId;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.presence.PresenceNode.World;
import chat.engine.spi.RouterUnavailableException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PresenceProbeTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final World world = new World();
  private final PresenceNode node = world.node();
  private final PresenceNode elsewhere = world.node();
  private final PresenceProbe probe =
      new PresenceProbe(node.router, node.registry, world.nanos::get);

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void usersAreFoundHereAndElsewhere() {
    node.connect(ADA);
    elsewhere.connect(BOB);
    world.settle();
    assertThat(probe.look(List.of(ADA, BOB, CLEO)))
        .isEqualTo(new Sighting(Set.of(ADA, BOB), Set.of(), world.nanos.get()));
    assertThat(probe.isHere(ADA)).isTrue();
    assertThat(probe.isHere(BOB)).isFalse();
  }

  @Test
  void theRouterIsNotAskedForUsersWhoAreHere() {
    node.connect(ADA);
    world.settle();
    var unused = probe.look(List.of(ADA));
    assertThat(node.router.looks).hasValue(0);
  }

  @Test
  void whileTheRouterIsAwayNothingIsKnownOfTheOthers() {
    node.connect(ADA);
    world.settle();
    for (RuntimeException fault :
        List.of(new RouterUnavailableException("away", null), new IllegalStateException("a bug"))) {
      node.router.fault = fault;
      assertThat(probe.look(List.of(ADA, BOB)))
          .isEqualTo(new Sighting(Set.of(ADA), Set.of(BOB), world.nanos.get()));
    }
  }

  @Test
  void itAsksPageByPageUntilTheRouterFails() {
    List<UserId> many =
        IntStream.range(0, 2 * PresenceProbe.PAGE + 1)
            .mapToObj(i -> UserId.of("user" + i))
            .toList();
    elsewhere.subscriptions.acquire(many.stream().map(Topics::user).toList()).join();
    assertThat(probe.look(many).online()).containsExactlyInAnyOrderElementsOf(many);
    assertThat(node.router.looks).hasValue(3);
    assertThat(node.router.mostAsked).hasValue(PresenceProbe.PAGE);
    node.router.failAfter = 1;
    Sighting sighting = probe.look(many);
    assertThat(sighting.online()).isEqualTo(new HashSet<>(many.subList(0, PresenceProbe.PAGE)));
    assertThat(sighting.unknown())
        .isEqualTo(new HashSet<>(many.subList(PresenceProbe.PAGE, many.size())));
    assertThat(node.router.looks).hasValue(5);
  }
}
