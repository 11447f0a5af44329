package chat.engine.internal.send.pending;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.SendFixture.refused;
import static chat.engine.internal.send.SendFixture.unanswered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.internal.send.SendFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PendingWritesTest {
  private static final ChatException AWAY = ChatException.unavailable("away, on purpose", null);

  private final SendFixture fixture = new SendFixture();
  private final PendingWrites sends = new PendingWrites(2);

  @Test
  void aConversationHasABoundAndOthersHaveTheirOwn() {
    PendingSend first = fixture.send("1");
    PendingSend second = fixture.send("2");
    assertThat(sends.enter(first)).isTrue();
    assertThat(sends.enter(second)).isTrue();
    assertThat(sends.enter(fixture.send("3"))).isFalse();
    assertThat(sends.enter(fixture.send("4"))).isFalse();
    assertThat(sends.enter(fixture.send(ADA, ConversationId.of(7), "5"))).isTrue();
    assertThat(sends.count()).isEqualTo(3);
    first.fail(AWAY);
    assertThat(sends.count()).isEqualTo(2);
    assertThat(sends.enter(fixture.send("6"))).isTrue();
    assertThat(sends.enter(fixture.send("7"))).isFalse();
  }

  @Test
  void aConversationWhoseSendsAreAllAnsweredIsForgotten() {
    for (int i = 0; i < 10; i++) {
      PendingSend send = fixture.send("again");
      assertThat(sends.enter(send)).isTrue();
      send.fail(AWAY);
    }
    assertThat(sends.count()).isZero();
  }

  @Test
  void sendsLeaveInAnyOrder() {
    PendingWrites many = new PendingWrites(4);
    List<PendingSend> entered = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      PendingSend send = fixture.send("message " + i);
      send.expiresAt(10);
      entered.add(send);
      assertThat(many.enter(send)).isTrue();
    }
    for (int i : new int[] {1, 3, 0}) {
      entered.get(i).fail(AWAY);
    }
    assertThat(many.count()).isEqualTo(1);
    assertThat(many.expire(10)).isEqualTo(1);
    refused(entered.get(2), ErrorCode.BUSY, false);
    assertThat(many.count()).isZero();
  }

  @Test
  void conversationsThatFellSilentAreForgottenOnceTheyAreMany() {
    sends.enter(fixture.send("pending"));
    for (int i = 0; i <= PendingWrites.KEPT; i++) {
      PendingSend send = fixture.send(ADA, ConversationId.of(100 + i), "answered");
      sends.enter(send);
      send.fail(AWAY);
    }
    assertThat(sends.lines()).isGreaterThan(PendingWrites.KEPT);
    sends.expire(-1);
    assertThat(sends.lines()).isEqualTo(1);
    assertThat(sends.count()).isEqualTo(1);
  }

  @Test
  void noSendIsLostWhileSilentConversationsAreForgotten() throws Exception {
    ConversationId busy = ConversationId.of(7);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> senders = new ArrayList<>();
      for (int sender = 0; sender < 3; sender++) {
        senders.add(
            threads.submit(
                () -> {
                  int refused = 0;
                  for (int i = 0; i < 20_000; i++) {
                    PendingSend send = fixture.send(ADA, busy, "now and then");
                    if (sends.enter(send)) {
                      assertThat(sends.count()).isPositive();
                      send.fail(AWAY);
                    } else {
                      refused++;
                    }
                  }
                  return refused;
                }));
      }
      Future<?> forgetter =
          threads.submit(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  sends.forgetEmptyLines(0);
                }
              });
      forgetter.get();
      for (Future<Integer> sender : senders) {
        assertThat(sender.get()).isLessThan(20_000);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(sends.count()).isZero();
    assertThat(sends.enter(fixture.send(ADA, busy, "1"))).isTrue();
    assertThat(sends.enter(fixture.send(ADA, busy, "2"))).isTrue();
    assertThat(sends.enter(fixture.send(ADA, busy, "3"))).isFalse();
  }

  @Test
  void onlyTheOverdueExpire() {
    PendingSend early = fixture.send("early");
    PendingSend late = fixture.send("late");
    early.expiresAt(10);
    late.expiresAt(20);
    sends.enter(early);
    sends.enter(late);
    assertThat(sends.expire(9)).isZero();
    assertThat(sends.expire(10)).isEqualTo(1);
    refused(early, ErrorCode.BUSY, false);
    unanswered(late);
    assertThat(sends.count()).isEqualTo(1);
  }

  @Test
  void allAreAnsweredAtTheCloseAndWhoComesLaterAtOnce() {
    PendingSend queued = fixture.send("queued");
    sends.enter(queued);
    sends.close();
    refused(queued, ErrorCode.UNAVAILABLE, false);
    PendingSend later = fixture.send("later");
    assertThat(sends.enter(later)).isTrue();
    refused(later, ErrorCode.UNAVAILABLE, false);
    assertThat(sends.count()).isZero();
  }

  @Test
  void anAttemptThatEndsSoonAfterTheCloseBeganGivesACertainAnswer() {
    PendingSend attempted = fixture.send("attempted");
    sends.enter(attempted);
    attempted.beginAttempt();
    PendingSend queued = fixture.send("queued");
    sends.enter(queued);
    CompletableFuture<Void> closing = CompletableFuture.runAsync(sends::close);
    await().until(queued::isAnswered);
    unanswered(attempted);
    attempted.attemptStoredNothing();
    closing.join();
    refused(attempted, ErrorCode.UNAVAILABLE, false);
  }

  @Test
  void anAttemptThatDoesNotEndIsAnsweredInDoubt() {
    PendingSend attempted = fixture.send("attempted");
    sends.enter(attempted);
    attempted.beginAttempt();
    sends.close();
    refused(attempted, ErrorCode.UNAVAILABLE, true);
  }
}
