package chat.engine.postgres.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NamesTest {
  @Test
  void aChannelNamesItsNodeAndNoOtherClusterHasIt() {
    Names names = Names.of("chat", "cluster 1");
    assertThat(names.cluster()).isEqualTo("chat:cluster 1");
    assertThat(names.channel(255)).matches("chat:[0-9a-f]{12}:ff");
    assertThat(names.channel(-1)).endsWith(":ffffffffffffffff");
    assertThat(Names.of("chat", "cluster 2").channel(255)).isNotEqualTo(names.channel(255));
    assertThat(Names.of("chat", "cluster 1").channel(255)).isEqualTo(names.channel(255));
  }

  @Test
  void theLongestChannelFitsIntoANameOfPostgres() {
    assertThat(Names.of("n".repeat(24), "c".repeat(500)).channel(-1)).hasSizeLessThanOrEqualTo(63);
  }

  @Test
  void aNamespaceIsSafeInAName() {
    assertThat(Names.requireNamespace("My_chat-1.x")).isEqualTo("My_chat-1.x");
    for (String wrong : List.of("", "a:b", "a\"", "x".repeat(25))) {
      assertThatThrownBy(() -> Names.of(wrong, "c"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1 to 24 letters");
    }
  }
}
