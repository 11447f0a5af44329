package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages, conversations, messages and errors: plain records, and what their makers promise. */
final class PlainDataTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final ConversationId ID = ConversationId.of(7);
  private static final Instant NOW = Instant.parse("2024-02-29T12:00:00Z");

  // ---- which page

  @Test
  void aQueryAsksFor50MessagesUnlessToldOtherwise() {
    assertThat(HistoryQuery.newest())
        .isEqualTo(new HistoryQuery(HistoryQuery.Direction.BEFORE, Long.MAX_VALUE, 50));
    assertThat(HistoryQuery.before(9))
        .isEqualTo(new HistoryQuery(HistoryQuery.Direction.BEFORE, 9, 50));
    assertThat(HistoryQuery.after(9).limit(100))
        .isEqualTo(new HistoryQuery(HistoryQuery.Direction.AFTER, 9, 100));
    assertThat(HistoryQuery.after(0).limit(1).limit()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 101, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void aPageHas1To100Messages(int limit) {
    assertBadRequest(() -> HistoryQuery.newest().limit(limit))
        .hasMessage("limit must be 1 to 100, not " + limit);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void aSeqIsNeverNegative(long seq) {
    assertBadRequest(() -> HistoryQuery.before(seq))
        .hasMessage("a seq is never negative, but this is " + seq);
    assertBadRequest(() -> HistoryQuery.after(seq)).hasMessageContaining(Long.toString(seq));
  }

  // ---- conversations

  @Test
  void aDirectConversationHasItsPeersInTheirNaturalOrder() {
    Conversation direct = Conversation.direct(ID, BOB, ADA, NOW);

    assertThat(direct).isEqualTo(Conversation.direct(ID, ADA, BOB, NOW));
    assertThat(direct.peers()).containsExactly(ADA, BOB);
    assertThat(direct.kind()).isEqualTo(ConversationKind.DIRECT);
    assertThat(direct.name()).isNull();
    assertThat(direct.peerOf(ADA)).contains(BOB);
    assertThat(direct.peerOf(BOB)).contains(ADA);
  }

  @Test
  void aGroupHasANameAndNoPeers() {
    Conversation group = Conversation.group(ID, "name", NOW);

    assertThat(group.kind()).isEqualTo(ConversationKind.GROUP);
    assertThat(group.name()).isEqualTo("name");
    assertThat(group.peers()).isEmpty();
    assertThat(group.peerOf(ADA)).isEmpty();
  }

  // ---- immutability

  @Test
  void whatARecordHoldsIsCopied() {
    Message message =
        new Message(
            ID, MessageId.of(1), 1, ADA, ClientMessageId.of("c"), "x", null, List.of(), null, NOW);
    List<Message> messages = new ArrayList<>(List.of(message));
    MessagePage page = new MessagePage(messages, false);
    List<UserId> mentions = new ArrayList<>(List.of(BOB));
    Message mentioning =
        new Message(
            ID, MessageId.of(1), 1, ADA, ClientMessageId.of("c"), "x", null, mentions, null, NOW);
    messages.clear();
    mentions.clear();

    assertThat(page.messages()).containsExactly(message);
    assertThat(mentioning.mentions()).containsExactly(BOB);
  }

  // ---- errors

  @Test
  void anErrorHasACodeAndASentence() {
    assertThat(ChatException.badRequest("b").code()).isEqualTo(ErrorCode.BAD_REQUEST);
    assertThat(ChatException.forbidden("f").code()).isEqualTo(ErrorCode.FORBIDDEN);
    assertThat(ChatException.notFound("n").code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(ChatException.conflict("c").code()).isEqualTo(ErrorCode.CONFLICT);
    assertThat(ChatException.tooLarge("t").code()).isEqualTo(ErrorCode.TOO_LARGE);
    assertThat(ChatException.of(ErrorCode.FORBIDDEN, "sentence")).hasMessage("sentence");
  }

  @Test
  void onlyABusyErrorSaysWhenToComeBack() {
    assertThat(ChatException.busy("b", Duration.ofMillis(250)).retryAfter())
        .contains(Duration.ofMillis(250));
    assertThat(ChatException.busy("b", Duration.ofMillis(250)).code()).isEqualTo(ErrorCode.BUSY);
    assertThat(ChatException.unavailable("u", null).retryAfter()).isEmpty();
  }

  @Test
  void anErrorIsOnlyInDoubtIfItSaysSo() {
    Exception cause = new IllegalStateException("cause");
    assertThat(ChatException.unavailable("u", cause).inDoubt()).isFalse();
    assertThat(ChatException.inDoubt("d", cause).inDoubt()).isTrue();
    assertThat(ChatException.inDoubt("d", cause).code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(ChatException.inDoubt("d", cause)).hasCause(cause);
  }

  @Test
  void aRefusalIsCheapAndAFaultTellsWhereItCameFrom() {
    assertThat(ChatException.notFound("n").getStackTrace()).isEmpty();
    assertThat(ChatException.internal("i", new IllegalStateException()).getStackTrace())
        .isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void aCodeOnTheWireIsItsNameInLowerCase(ErrorCode code) {
    assertThat(code.wireName()).matches("[a-z]+(_[a-z]+)*").isEqualToIgnoringCase(code.name());
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable>
      assertBadRequest(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }
}
