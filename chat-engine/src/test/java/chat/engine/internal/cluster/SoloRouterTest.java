package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.Topic;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SoloRouterTest {
  @Test
  void itKnowsItsOwnTopicsAndNobodyElse() {
    SoloRouter router = new SoloRouter();
    Topic a = new Topic("a");
    Topic b = new Topic("b");
    router.subscribe(List.of(a, b));
    router.unsubscribe(List.of(b));
    assertThat(router.subscribed(List.of(a, b))).isEqualTo(Set.of(a));
    assertThat(router.healthy()).isTrue();
    assertThat(router.nodeId()).isNotEmpty().isNotEqualTo(new SoloRouter().nodeId());
    router.close();
    assertThat(router.subscribed(List.of(a))).isEmpty();
  }
}
