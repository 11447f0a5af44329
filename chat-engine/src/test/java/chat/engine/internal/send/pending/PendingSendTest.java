package chat.engine.internal.send.pending;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.SendFixture.ack;
import static chat.engine.internal.send.SendFixture.pending;
import static chat.engine.internal.send.SendFixture.refused;
import static chat.engine.internal.send.SendFixture.unanswered;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.send.SendFixture;
import chat.engine.spi.Draft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class PendingSendTest {
  private static final ConversationId TALK = ConversationId.of(1);
  private static final Conversation WHERE = Conversation.group(TALK, "talk", Instant.EPOCH);
  private static final ChatException AWAY = ChatException.unavailable("away, on purpose", null);
  private static final NewMessage MESSAGE =
      NewMessage.text("hello").withMentions(List.of(UserId.of("bob"))).withAttributes("{}");

  private final List<String> told = new ArrayList<>();
  private final PendingSend send =
      pending(
          ADA,
          TALK,
          MESSAGE,
          new PendingSend.Listener() {
            @Override
            public void acknowledged(long seq) {
              told.add("acknowledged " + seq);
            }

            @Override
            public void failed() {
              told.add("failed");
            }
          });

  private Draft draft(long id) {
    return send.write(id, Instant.ofEpochMilli(5), 7, WHERE);
  }

  @Test
  void theFirstAnswerCounts() {
    send.whenAnswered(answered -> told.add("left"));
    assertThat(send.isAnswered()).isFalse();
    assertThat(send.acknowledge(draft(9).asMessage(3), true)).isTrue();
    assertThat(send.isAnswered()).isTrue();
    assertThat(send.fail(AWAY)).isFalse();
    assertThat(send.acknowledge(draft(9).asMessage(4), false)).isFalse();
    assertThat(ack(send).seq()).isEqualTo(3);
    assertThat(ack(send).duplicate()).isTrue();
    assertThat(ack(send).messageId().value()).isEqualTo(9);
    assertThat(ack(send).conversation()).isEqualTo(TALK);
    assertThat(ack(send).createdAt()).isEqualTo(Instant.ofEpochMilli(5));
    assertThat(told).containsExactly("left", "acknowledged 3");
  }

  @Test
  void aRefusalThatComesFirstCountsToo() {
    assertThat(send.fail(AWAY)).isTrue();
    assertThat(send.acknowledge(draft(9).asMessage(3), false)).isFalse();
    refused(send, ErrorCode.UNAVAILABLE, false);
    assertThat(told).containsExactly("failed");
  }

  @Test
  void itIsNotAttemptedAfterItsAnswer() {
    assertThat(send.beginAttempt()).isTrue();
    assertThat(send.isAttempting()).isTrue();
    send.attemptStoredNothing();
    assertThat(send.isAttempting()).isFalse();
    send.fail(AWAY);
    assertThat(send.beginAttempt()).isFalse();
    assertThat(send.isAttempting()).isFalse();
  }

  @Test
  void aRefusalDuringAnAttemptIsOneInDoubt() {
    send.beginAttempt();
    send.fail(AWAY);
    refused(send, ErrorCode.UNAVAILABLE, true);
    assertThat(send.isAttempting()).isFalse();
  }

  /** Two threads race, so that a fault would show in one of many runs. */
  @Test
  void aRefusalIsCertainOnlyIfNoAttemptBeginsAfterIt() {
    for (int i = 0; i < 1_000; i++) {
      PendingSend raced = pending(ADA, TALK, MESSAGE, PendingSend.Listener.NONE);
      AtomicBoolean go = new AtomicBoolean();
      CompletableFuture<Boolean> attempt =
          CompletableFuture.supplyAsync(
              () -> {
                while (!go.get()) {
                  Thread.onSpinWait();
                }
                return raced.beginAttempt();
              });
      go.set(true);
      raced.fail(AWAY);
      boolean began = attempt.join();
      assertThat(SendFixture.refusal(raced.result()).inDoubt()).isEqualTo(began);
    }
  }

  @Test
  void aRefusalAfterAnAttemptThatStoredNothingIsCertain() {
    send.beginAttempt();
    send.attemptStoredNothing();
    send.fail(ChatException.busy("locked", Duration.ofSeconds(1)));
    refused(send, ErrorCode.BUSY, false);
  }

  @Test
  void aDoubtOutlivesLaterAttempts() {
    send.beginAttempt();
    assertThat(send.isInDoubt()).isFalse();
    send.attemptIsInDoubt(new IllegalStateException("broken off"));
    assertThat(send.isAttempting()).isFalse();
    assertThat(send.isInDoubt()).isTrue();
    send.beginAttempt();
    send.attemptStoredNothing();
    send.fail(AWAY);
    refused(send, ErrorCode.UNAVAILABLE, true);
    assertThat(SendFixture.refusal(send.result())).hasCauseInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatTheStoreFoundSettlesADoubt() {
    for (ErrorCode code : List.of(ErrorCode.BAD_REQUEST, ErrorCode.CONFLICT, ErrorCode.FORBIDDEN)) {
      PendingSend doubted = pending(ADA, TALK, MESSAGE, PendingSend.Listener.NONE);
      doubted.attemptIsInDoubt(AWAY);
      doubted.failForCertain(ChatException.of(code, "found"));
      refused(doubted, code, false);
    }
  }

  @Test
  void itExpiresAtItsDeadline() {
    send.expiresAt(100);
    assertThat(send.expire(99)).isFalse();
    unanswered(send);
    assertThat(send.expire(100)).isTrue();
    refused(send, ErrorCode.BUSY, false);
    assertThat(SendFixture.refusal(send.result()).retryAfter()).contains(Duration.ofSeconds(1));
    assertThat(send.expire(101)).isFalse();
  }

  @Test
  void anAttemptGetsASecondMoreAndThenExpiresInDoubt() {
    send.expiresAt(100);
    send.beginAttempt();
    long second = Duration.ofSeconds(1).toNanos();
    assertThat(send.expire(99 + second)).isFalse();
    assertThat(send.expire(100 + second)).isTrue();
    refused(send, ErrorCode.UNAVAILABLE, true);
  }

  @Test
  void itRemembersTheIdsOfItsAttempts() {
    draft(9);
    draft(11);
    assertThat(send.tried(9)).isTrue();
    assertThat(send.tried(11)).isTrue();
    assertThat(send.tried(10)).isFalse();
  }

  @Test
  void aDraftHasWhatTheHookMadeOfItUnderTheHashOfWhatWasHandedIn() {
    NewMessage changed = MESSAGE.withText("HELLO").withReplyTo(2);
    send.replace(changed);
    Draft draft = draft(9);
    assertThat(draft.text()).isEqualTo("HELLO");
    assertThat(draft.replyTo()).isEqualTo(2);
    assertThat(draft.attributes()).isEqualTo("{}");
    assertThat(draft.mentions()).containsExactly(UserId.of("bob"));
    assertThat(draft.contentHash()).isEqualTo(MESSAGE.contentHash());
    assertThat(draft.clientMessageId()).isEqualTo(MESSAGE.clientMessageId());
    assertThat(draft.sender()).isEqualTo(ADA);
    assertThat(draft.verifiedRev()).isEqualTo(7);
    assertThat(send.message()).isEqualTo(changed);
  }

  @Test
  void itsWeightCountsAllOfTheMessage() {
    assertThat(send.weight()).isEqualTo(MessageWeight.of(MESSAGE));
    assertThat(send.weight()).isGreaterThan(MessageWeight.of(NewMessage.text("hello")));
  }

  @Test
  void aListenerThatThrowsChangesNoAnswer() {
    PendingSend.Listener broken =
        new PendingSend.Listener() {
          @Override
          public void acknowledged(long seq) {
            throw new IllegalStateException("thrown on purpose");
          }

          @Override
          public void failed() {
            throw new AssertionError("thrown on purpose");
          }
        };
    PendingSend stored = pending(ADA, TALK, MESSAGE, broken);
    stored.acknowledge(draft(9).asMessage(3), false);
    assertThat(ack(stored).seq()).isEqualTo(3);
    assertThat(ack(stored).duplicate()).isFalse();
    PendingSend failing = pending(ADA, TALK, MESSAGE, broken);
    failing.fail(AWAY);
    refused(failing, ErrorCode.UNAVAILABLE, false);
  }
}
