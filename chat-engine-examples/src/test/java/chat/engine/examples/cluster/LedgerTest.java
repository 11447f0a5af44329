package chat.engine.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LedgerTest {
  private final Ledger ledger = new Ledger();

  private void sentAndAcknowledged(int number, long seq) {
    ledger.sent("ada", number, 0);
    ledger.acknowledged("ada", number, seq, 2_000_000);
  }

  @Test
  void whatHasNotArrivedYetIsNotLostAndNotSettled() {
    sentAndAcknowledged(0, 1);
    ledger.sent("ada", 1, 0);
    Ledger.Counts counts = ledger.read();
    assertThat(counts.undelivered()).isEqualTo(1);
    assertThat(counts.unanswered()).isEqualTo(1);
    assertThat(counts.lost()).isZero();
    assertThat(ledger.isSettled()).isFalse();
  }

  @Test
  void whatALaterMessageOvertookIsLostUntilItArrives() {
    sentAndAcknowledged(0, 1);
    sentAndAcknowledged(1, 2);
    ledger.delivered("ada", 1, 2, 0);
    assertThat(ledger.read().lost()).isEqualTo(1);
    assertThat(ledger.isSettled()).isFalse();
    ledger.delivered("ada", 0, 1, 0);
    assertThat(ledger.read().lost()).isZero();
    assertThat(ledger.isSettled()).isTrue();
  }

  @Test
  void aMessageThatArrivesTwiceIsDoubledAndOneThatIsAcknowledgedTwiceIsNot() {
    sentAndAcknowledged(0, 1);
    ledger.acknowledged("ada", 0, 1, 0);
    ledger.delivered("ada", 0, 1, 0);
    assertThat(ledger.read().doubled()).isZero();
    ledger.delivered("ada", 0, 2, 0);
    Ledger.Counts counts = ledger.read();
    assertThat(counts.doubled()).isEqualTo(1);
    assertThat(counts.acknowledged()).isEqualTo(1);
    assertThat(counts.delivered()).isEqualTo(1);
  }

  @Test
  void aMessageMayArriveBeforeItsAcknowledgement() {
    ledger.sent("ada", 0, 0);
    ledger.delivered("ada", 0, 1, 3_000_000);
    assertThat(ledger.isSettled()).isFalse();
    ledger.acknowledged("ada", 0, 1, 5_000_000);
    assertThat(ledger.isSettled()).isTrue();
    Ledger.Counts counts = ledger.read();
    assertThat(counts.delivery().median()).isBetween(2.9, 3.1);
    assertThat(counts.acknowledgement().median()).isBetween(4.9, 5.1);
    assertThat(ledger.read().delivery().median()).as("since the last reading").isZero();
  }
}
