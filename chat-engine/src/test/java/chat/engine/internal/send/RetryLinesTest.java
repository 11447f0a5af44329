package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.internal.send.RetryLines.Place;
import chat.engine.internal.send.pending.PendingSend;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RetryLinesTest {
  private static final ConversationId TALK = ConversationId.of(1);
  private static final ConversationId OTHER = ConversationId.of(2);

  private final SendFixture fixture = new SendFixture();
  private final RetryLines lines = new RetryLines(3, 1 << 20);

  private PendingSend send(ConversationId conversation, String text) {
    return fixture.send(ADA, conversation, text);
  }

  @Test
  void aSendJoinsALineThatIsThereAndOpensNone() {
    assertThat(lines.join(send(TALK, "0"))).isEqualTo(Place.NO_LINE);
    PendingSend first = send(TALK, "1");
    PendingSend second = send(TALK, "2");
    PendingSend third = send(TALK, "3");
    assertThat(lines.add(first)).isEqualTo(Place.NEW_LINE);
    assertThat(lines.join(second)).isEqualTo(Place.IN_LINE);
    assertThat(lines.add(third)).isEqualTo(Place.IN_LINE);
    assertThat(lines.join(send(OTHER, "4"))).isEqualTo(Place.NO_LINE);
    assertThat(lines.size()).isEqualTo(3);
    assertThat(lines.take(List.of(TALK), 2)).containsExactly(first, second);
    assertThat(lines.size()).isEqualTo(1);
    assertThat(lines.putBack(TALK, List.of(first, second))).isSameAs(first);
    assertThat(lines.size()).isEqualTo(3);
    assertThat(lines.take(List.of(TALK), 9)).containsExactly(first, second, third);
  }

  @Test
  void aLineWhoseSendsAreBeingTriedIsStillThere() {
    lines.add(send(TALK, "1"));
    lines.take(List.of(TALK), 9);
    PendingSend second = send(TALK, "2");
    assertThat(lines.join(second)).isEqualTo(Place.IN_LINE);
    assertThat(lines.putBack(TALK, List.of())).isSameAs(second);
    lines.take(List.of(TALK), 9);
    assertThat(lines.putBack(TALK, List.of())).isNull();
    assertThat(lines.join(send(TALK, "3"))).isEqualTo(Place.NO_LINE);
    assertThat(lines.putBack(TALK, List.of())).isNull();
  }

  @Test
  void whatHasItsAnswerIsDropped() {
    PendingSend first = send(TALK, "1");
    PendingSend second = send(TALK, "2");
    lines.add(first);
    lines.add(second);
    first.fail(ChatException.badRequest("on purpose"));
    assertThat(lines.take(List.of(TALK), 1)).containsExactly(second);
    second.fail(ChatException.badRequest("on purpose"));
    assertThat(lines.putBack(TALK, List.of(second))).isNull();
    assertThat(lines.size()).isZero();
  }

  @Test
  void severalConversationsAreTakenTogetherUpToTheMost() {
    PendingSend first = send(TALK, "1");
    PendingSend second = send(OTHER, "2");
    PendingSend third = send(OTHER, "3");
    lines.add(first);
    lines.add(second);
    lines.add(third);
    assertThat(lines.take(List.of(TALK, OTHER, ConversationId.of(9)), 2))
        .containsExactly(first, second);
    assertThat(lines.putBack(TALK, List.of())).isNull();
    assertThat(lines.putBack(OTHER, List.of(second))).isSameAs(second);
    assertThat(lines.take(List.of(OTHER), 9)).containsExactly(second, third);
  }

  @Test
  void pastTheCapacityOnlyWhatIsInDoubtFindsRoom() {
    for (int i = 0; i < 3; i++) {
      lines.add(send(TALK, "waits"));
    }
    assertThat(lines.join(send(TALK, "no"))).isEqualTo(Place.FULL);
    assertThat(lines.add(send(OTHER, "no"))).isEqualTo(Place.FULL);
    assertThat(lines.join(send(OTHER, "no"))).isEqualTo(Place.NO_LINE);
    PendingSend doubted = send(OTHER, "yes");
    doubted.attemptIsInDoubt(new IllegalStateException("on purpose"));
    assertThat(lines.add(doubted)).isEqualTo(Place.NEW_LINE);
    assertThat(lines.size()).isEqualTo(4);
  }

  @Test
  void bytesAreBoundedToo() {
    int weight = send(TALK, "x").weight();
    RetryLines narrow = new RetryLines(100, 2L * weight);
    narrow.add(send(TALK, "1"));
    assertThat(narrow.add(send(TALK, "2"))).isEqualTo(Place.IN_LINE);
    assertThat(narrow.add(send(TALK, "3"))).isEqualTo(Place.FULL);
    narrow.take(List.of(TALK), 1);
    assertThat(narrow.add(send(TALK, "4"))).isEqualTo(Place.IN_LINE);
    assertThat(narrow.add(send(TALK, "5"))).isEqualTo(Place.FULL);
  }
}
