package chat.engine.internal.presence;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatListener;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.runtime.Metrics;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TypingTrackerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(6);
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final Conversation TALK = conversation(1);
  private static final Conversation OTHER = conversation(2);

  private record Shown(
      ConversationId conversation, UserId user, boolean on, @Nullable Session except) {}

  /** Begins just before it wraps round, as a clock without an origin may. */
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);

  private final List<Shown> shown = new CopyOnWriteArrayList<>();
  private final TypingTracker typing =
      new TypingTracker(
          (conversation, event, except, about) -> {
            assertThat(event.conversation()).isEqualTo(conversation.id());
            assertThat(about).isEqualTo(event.user());
            shown.add(new Shown(conversation.id(), event.user(), event.on(), except));
          },
          TIMEOUT,
          nanos::get);
  private final Session adas = session();

  private static Conversation conversation(long id) {
    return new Conversation(
        ConversationId.of(id), ConversationKind.GROUP, "talk " + id, List.of(), Instant.EPOCH);
  }

  private static Session session() {
    SessionRegistry registry =
        new SessionRegistry(Duration.ofSeconds(1), user -> CompletableFuture.completedFuture(null));
    SessionContext context =
        new SessionContext(
            1024,
            new Metrics(EngineTimings.NONE, InstantSource.system()),
            Runnable::run,
            registry,
            new SoloRouter());
    return registry
        .add(
            ADA,
            home ->
                new Session(context, 1, home, DeviceId.of("phone"), ChatListener.of(event -> {})))
        .session();
  }

  private void pass(double seconds) {
    nanos.addAndGet((long) (seconds * 1e9));
    typing.expire();
  }

  private Shown on(@Nullable Session except) {
    return new Shown(TALK.id(), ADA, true, except);
  }

  private Shown off(@Nullable Session except) {
    return new Shown(TALK.id(), ADA, false, except);
  }

  @Test
  void itIsShownToTheOthersOnceAndForwarded() {
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    assertThat(typing.announced(TALK, ADA, false, adas)).isTrue();
    assertThat(shown).containsExactly(on(adas), off(adas));
  }

  @Test
  void whatAnotherNodeTellsIsShown() {
    typing.changed(TALK, ADA, true);
    typing.changed(TALK, ADA, true);
    typing.changed(TALK, ADA, false);
    typing.changed(TALK, ADA, false);
    assertThat(shown).containsExactly(on(null), off(null));
  }

  @Test
  void aRepetitionIsShownEveryThreeSecondsAtMostAndForwardedEverySecond() {
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    pass(0.9);
    assertThat(typing.announced(TALK, ADA, true, adas)).isFalse();
    pass(0.1);
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    pass(1.9);
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    assertThat(shown).containsExactly(on(adas));
    pass(0.1);
    assertThat(typing.announced(TALK, ADA, true, adas)).isFalse();
    assertThat(shown).containsExactly(on(adas), on(adas));
    pass(2.9);
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    assertThat(shown).containsExactly(on(adas), on(adas));
    pass(0.1);
    assertThat(typing.announced(TALK, ADA, true, adas)).isFalse();
    assertThat(shown).containsExactly(on(adas), on(adas), on(adas));
  }

  @Test
  void repetitionsFromAnotherNodeAreShownEveryThreeSecondsAtMost() {
    for (int second = 0; second <= 6; second++) {
      typing.changed(TALK, ADA, true);
      pass(1);
    }
    assertThat(shown).containsExactly(on(null), on(null), on(null));
    pass(4.999);
    assertThat(shown).hasSize(3);
    pass(0.001);
    assertThat(shown).hasSize(4).endsWith(off(null));
  }

  @Test
  void aRepetitionWithinASecondIsNoNews() {
    assertThat(typing.isNews(TALK.id(), ADA)).isTrue();
    var unused = typing.announced(TALK, ADA, true, adas);
    assertThat(typing.isNews(TALK.id(), ADA)).isFalse();
    assertThat(typing.isNews(OTHER.id(), ADA)).isTrue();
    assertThat(typing.isNews(TALK.id(), BOB)).isTrue();
    TypingTracker.Sign off = typing.await(TALK.id(), ADA);
    assertThat(typing.isNews(TALK.id(), ADA)).isTrue(); // it may be about to end
    assertThat(typing.isNewest(off)).isTrue();
    assertThat(typing.isNews(TALK.id(), ADA)).isFalse();
    pass(1);
    assertThat(typing.isNews(TALK.id(), ADA)).isTrue();
  }

  @Test
  void ofTwoSignsThatAreLookedUpTheNewerCounts() {
    TypingTracker.Sign on = typing.await(TALK.id(), ADA);
    TypingTracker.Sign off = typing.await(TALK.id(), ADA);
    TypingTracker.Sign elsewhere = typing.await(OTHER.id(), ADA);
    assertThat(typing.isNewest(on)).isFalse();
    assertThat(typing.isNewest(off)).isTrue();
    assertThat(typing.isNewest(elsewhere)).isTrue();
  }

  @Test
  void aMessageThatOvertakesASignEndsItTooAndNoOther() {
    TypingTracker.Sign overtaken = typing.await(TALK.id(), ADA);
    TypingTracker.Sign other = typing.await(TALK.id(), BOB);
    typing.wrote(TALK, ADA);
    assertThat(typing.isNewest(overtaken)).isFalse();
    assertThat(typing.isNewest(other)).isTrue();
    assertThat(typing.isNewest(typing.await(TALK.id(), ADA))).isTrue();
  }

  @Test
  void itEndsByItselfSixSecondsAfterTheLastRepetition() {
    var unused = typing.announced(TALK, ADA, true, adas);
    pass(4);
    unused = typing.announced(TALK, ADA, true, adas);
    pass(5.999);
    assertThat(shown).containsExactly(on(adas), on(adas));
    pass(0.001);
    pass(60);
    assertThat(shown).containsExactly(on(adas), on(adas), off(adas));
  }

  @Test
  void aNodeThatIsLostLeavesNobodyTyping() {
    typing.changed(TALK, ADA, true);
    pass(6);
    assertThat(shown).containsExactly(on(null), off(null));
  }

  @Test
  void aMessageEndsTheTypingOfItsAuthorInThatConversation() {
    var unused = typing.announced(TALK, ADA, true, adas);
    typing.changed(OTHER, ADA, true);
    typing.changed(TALK, BOB, true);
    shown.clear();
    typing.wrote(TALK, ADA);
    typing.wrote(TALK, ADA);
    assertThat(shown).containsExactly(off(adas));
    pass(6);
    assertThat(shown)
        .contains(new Shown(OTHER.id(), ADA, false, null), new Shown(TALK.id(), BOB, false, null))
        .hasSize(3);
  }

  @Test
  void afterAMessageTypingIsForwardedAtOnce() {
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    typing.wrote(TALK, ADA);
    assertThat(typing.announced(TALK, ADA, false, adas)).isFalse(); // nobody thinks so
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
  }

  @Test
  void thereIsABoundOnTypists() {
    for (int i = 0; i < TypingTracker.MAX_TYPISTS - 1; i++) {
      typing.changed(TALK, UserId.of("user" + i), true);
    }
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue();
    assertThat(typing.announced(TALK, BOB, true, adas)).isFalse();
    assertThat(shown).hasSize(TypingTracker.MAX_TYPISTS);
    pass(3);
    assertThat(typing.announced(TALK, ADA, true, adas)).isTrue(); // who is typing already may
    pass(3);
    assertThat(typing.announced(TALK, BOB, true, adas)).isTrue();
  }

  @Test
  void itExpiresWithoutHelp() {
    try (Timers timers = new Timers()) {
      typing.start(timers);
      typing.changed(TALK, ADA, true);
      nanos.addAndGet(TIMEOUT.toNanos());
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(shown).contains(off(null)));
    }
  }
}
