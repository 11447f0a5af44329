package chat.engine.internal.feed;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import org.junit.jupiter.api.Test;

final class ShownReceiptsTest {
  private final ShownReceipts shown = new ShownReceipts();

  private boolean advance(long conversation, String user, ReceiptKind kind, long seq) {
    return shown.advance(
        new ReceiptMoved(ConversationId.of(conversation), UserId.of(user), kind, seq));
  }

  @Test
  void aReceiptIsNewOnlyIfItLiesAboveAllThatWereShown() {
    assertThat(advance(1, "ada", ReceiptKind.READ, 5)).isTrue();
    assertThat(advance(1, "ada", ReceiptKind.READ, 5)).isFalse();
    assertThat(advance(1, "ada", ReceiptKind.READ, 4)).isFalse();
    assertThat(advance(1, "ada", ReceiptKind.READ, 6)).isTrue();
  }

  @Test
  void conversationsAndUsersAreToldApart() {
    assertThat(advance(1, "ada", ReceiptKind.READ, 5)).isTrue();
    assertThat(advance(2, "ada", ReceiptKind.READ, 5)).isTrue();
    assertThat(advance(1, "bob", ReceiptKind.READ, 5)).isTrue();
  }

  @Test
  void aMemberWhoHasReadHasReceived() {
    assertThat(advance(1, "ada", ReceiptKind.RECEIVED, 4)).isTrue();
    assertThat(advance(1, "ada", ReceiptKind.READ, 4)).isTrue();
    assertThat(advance(1, "ada", ReceiptKind.READ, 5)).isTrue();
    assertThat(advance(1, "ada", ReceiptKind.RECEIVED, 5)).isFalse();
    assertThat(advance(1, "ada", ReceiptKind.RECEIVED, 6)).isTrue();
    assertThat(advance(1, "ada", ReceiptKind.READ, 6)).isTrue();
  }

  @Test
  void theEldestAreForgotten() {
    for (int i = 1; i <= 16_384; i++) {
      advance(i, "ada", ReceiptKind.READ, 1);
    }
    assertThat(advance(1, "ada", ReceiptKind.READ, 1)).isFalse();
    advance(20_000, "ada", ReceiptKind.READ, 1);
    assertThat(advance(1, "ada", ReceiptKind.READ, 1)).isTrue();
    assertThat(advance(3, "ada", ReceiptKind.READ, 1)).isFalse();
  }
}
