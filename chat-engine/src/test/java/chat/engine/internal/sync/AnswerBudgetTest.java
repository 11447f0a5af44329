package chat.engine.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.UserId;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AnswerBudgetTest {
  private static final int PAGE = 256 * 1024;
  private static final int BASE = 256 + 1 + 1; // the sender is "a", the client message id "c"

  private static Message message(
      long seq, String text, @Nullable String attributes, UserId... mentions) {
    return new Message(
        ConversationId.of(1),
        MessageId.of(seq),
        seq,
        UserId.of("a"),
        ClientMessageId.of("c"),
        text,
        null,
        List.of(mentions),
        attributes,
        Instant.EPOCH);
  }

  private static List<Message> messages(int count, int length) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(seq -> message(seq, "x".repeat(length), null))
        .toList();
  }

  private static long size(String text) {
    return AnswerBudget.size(message(1, text, null)) - BASE;
  }

  @Test
  void sizesAreThoseOfJsonInUtf8() {
    assertThat(size("")).isZero();
    assertThat(size("abc ~\u007f")).isEqualTo(6);
    assertThat(size("\"\\/\n\t")).isEqualTo(10);
    assertThat(size("\u0080\u00e9\u07ff")).isEqualTo(6);
    assertThat(size("\u0800\uffee")).isEqualTo(6);
    assertThat(size("😀")).isEqualTo(4);
    assertThat(AnswerBudget.size(message(1, "", "{\"a\":1}"))).isEqualTo(BASE + 9);
    assertThat(AnswerBudget.size(message(1, "", null, UserId.of("bob"), UserId.of("é"))))
        .isEqualTo(BASE + 4 + 3 + 4 + 2);
  }

  @Test
  void aPageEndsWhereItsBytesEndButHasAtLeastOneMessage() {
    List<Message> long16k = messages(50, 16 * 1024);
    assertThat(AnswerBudget.firstPage(long16k, 100, PAGE)).hasSize(15).startsWith(long16k.get(0));
    assertThat(AnswerBudget.lastPage(long16k, 100, PAGE)).hasSize(15).endsWith(long16k.get(49));
    List<Message> huge = messages(3, 300 * 1024);
    assertThat(AnswerBudget.firstPage(huge, 100, PAGE)).containsExactly(huge.get(0));
    assertThat(AnswerBudget.lastPage(huge, 100, PAGE)).containsExactly(huge.get(2));
    assertThat(AnswerBudget.firstPage(List.of(), 100, PAGE)).isEmpty();
    assertThat(AnswerBudget.lastPage(List.of(), 100, PAGE)).isEmpty();
  }

  @Test
  void theSizesThatCountAreThoseOfTheMessagesOfThePage() {
    Message large = message(1, "x".repeat(250 * 1024), null);
    Message small = message(2, "x".repeat(100), null);
    Message medium = message(3, "x".repeat(50 * 1024), null);
    List<Message> growing = List.of(small, medium, large);
    assertThat(AnswerBudget.firstPage(growing, 3, PAGE)).containsExactly(small, medium);
    assertThat(AnswerBudget.lastPage(growing, 3, PAGE)).containsExactly(large);
    List<Message> shrinking = List.of(large, medium, small);
    assertThat(AnswerBudget.firstPage(shrinking, 3, PAGE)).containsExactly(large);
    assertThat(AnswerBudget.lastPage(shrinking, 3, PAGE)).containsExactly(medium, small);
  }

  @Test
  void aPageHasNoMoreThanItsLimit() {
    List<Message> some = messages(10, 10);
    assertThat(AnswerBudget.firstPage(some, 4, PAGE)).isEqualTo(some.subList(0, 4));
    assertThat(AnswerBudget.lastPage(some, 4, PAGE)).isEqualTo(some.subList(6, 10));
    assertThat(AnswerBudget.firstPage(some, 10, PAGE)).isEqualTo(some);
    assertThat(AnswerBudget.lastPage(some, 100, PAGE)).isEqualTo(some);
  }

  @Test
  void aPageMayBeExactlyFull() {
    int exact = 256 * 1024 - BASE;
    assertThat(AnswerBudget.firstPage(messages(2, exact / 2 - BASE / 2), 2, PAGE)).hasSize(2);
    assertThat(AnswerBudget.firstPage(messages(2, exact / 2 - BASE / 2 + 1), 2, PAGE)).hasSize(1);
  }

  @Test
  void whatDoesNotFitInSpendsTheBudget() {
    AnswerBudget budget = AnswerBudget.ofMissed(8 * PAGE / 3);
    assertThat(budget.take(message(1, "x".repeat(200 * 1024), null))).isTrue();
    assertThat(budget.isSpent()).isFalse();
    assertThat(budget.take(message(2, "x".repeat(100 * 1024), null))).isFalse();
    assertThat(budget.isSpent()).isTrue();
    assertThat(budget.take(message(3, "", null))).as("nothing after it").isFalse();
  }

  @Test
  void theLongestBeginningThatFitsInIsTaken() {
    AnswerBudget budget = AnswerBudget.ofMissed(8 * PAGE / 3);
    List<Message> some = messages(50, 16 * 1024);
    assertThat(budget.takeFirst(some)).isEqualTo(some.subList(0, 15));
    assertThat(budget.takeFirst(some)).isEmpty();
    assertThat(AnswerBudget.ofMissed(PAGE).takeFirst(some.subList(0, 9))).hasSize(5);
  }
}
