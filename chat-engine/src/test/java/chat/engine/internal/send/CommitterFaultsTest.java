package chat.engine.internal.send;

import static chat.engine.internal.send.SendFixture.ack;
import static chat.engine.internal.send.SendFixture.pending;
import static chat.engine.internal.send.SendFixture.refused;
import static chat.engine.internal.send.SendFixture.unanswered;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.ErrorCode;
import chat.engine.NewMessage;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which faults operators and the application hear of, and what an earlier doubt has to do with. */
final class CommitterFaultsTest {
  private static final IllegalStateException FAULT = new IllegalStateException("on purpose");

  private final SendFixture fixture = new SendFixture();
  private final ScriptedStore store = fixture.store;
  private final Logger logger = (Logger) LoggerFactory.getLogger("chat.engine.internal.send");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final List<Throwable> heard = new ArrayList<>();
  private final Thread.@Nullable UncaughtExceptionHandler before =
      Thread.getDefaultUncaughtExceptionHandler();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
    Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> heard.add(fault));
  }

  @AfterEach
  void restore() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
    Thread.setDefaultUncaughtExceptionHandler(before);
  }

  private void logged(Level level, String... parts) {
    assertThat(lines.list)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getLevel()).isEqualTo(level);
              assertThat(line.getFormattedMessage()).contains(parts);
            });
    lines.list.clear();
  }

  private void appendThrows(RuntimeException fault) {
    store.append =
        (drafts, wait) -> {
          throw fault;
        };
  }

  private void appendThrows(Error fault) {
    store.append =
        (drafts, wait) -> {
          throw fault;
        };
  }

  // ---- what is logged

  @Test
  void whatTheStoreCannotTakeIsLoggedWithItsConversationButNotEveryTime() {
    appendThrows(FAULT);
    PendingSend send = fixture.send("poison");
    fixture.commit(send);
    refused(send, ErrorCode.INTERNAL, false);
    logged(Level.ERROR, "conversation " + fixture.talk, "1 such faults");
    fixture.commit(fixture.send("poison"));
    assertThat(lines.list).isEmpty();
  }

  @Test
  void anErrorOfTheStoreIsLogged() {
    appendThrows(new StackOverflowError("on purpose"));
    fixture.commit(fixture.send("one"));
    logged(Level.ERROR, "conversation " + fixture.talk);
  }

  @Test
  void aConversationThatCannotBeReadIsLogged() {
    store.findFault = FAULT;
    fixture.commit(fixture.send("one"));
    logged(Level.ERROR, "conversation " + fixture.talk);
  }

  @Test
  void idsThatCannotBeMadeAreLogged() {
    fixture.idFault = FAULT;
    fixture.commit(fixture.send("one"));
    logged(Level.ERROR, "conversation " + fixture.talk);
  }

  @Test
  void aLackOfIdsIsAWarningOnceAndItsEndIsSaid() {
    fixture.idFault = new StoreUnavailableException("no lease, on purpose", null);
    fixture.commit(fixture.send("one"));
    logged(Level.WARN, "sends are refused until there are ids", "no lease, on purpose");
    fixture.commit(fixture.send("two"));
    assertThat(lines.list).isEmpty();
    fixture.idFault = null;
    fixture.commit(fixture.send("three"));
    logged(Level.INFO, "there are ids again", "2 batches");
    fixture.commit(fixture.send("four"));
    assertThat(lines.list).isEmpty();
  }

  @Test
  void whileTheEngineClosesFaultsAreNotLogged() {
    fixture.committer.close();
    appendThrows(FAULT);
    PendingSend send = fixture.send("one");
    fixture.commit(send);
    refused(send, ErrorCode.INTERNAL, false);
    assertThat(lines.list).isEmpty();
  }

  @Test
  void messagesThatCannotBePassedOnAreLoggedButNotEveryTime() {
    fixture.sink =
        (fresh, duplicates) -> {
          throw FAULT;
        };
    fixture.commit(fixture.send("one"));
    logged(Level.ERROR, "could not be passed on, 1 times");
    fixture.commit(fixture.send("two"));
    assertThat(lines.list).isEmpty();
  }

  // ---- a lack of memory

  @Test
  void theApplicationHearsOfALackOfMemoryInTheStore() {
    OutOfMemoryError fault = new OutOfMemoryError("on purpose");
    appendThrows(fault);
    PendingSend send = fixture.send("one");
    assertThat(fixture.commit(send)).containsExactly(send);
    assertThat(heard).containsExactly(fault);
  }

  @Test
  void theApplicationHearsOfALackOfMemoryAfterTheCommit() {
    OutOfMemoryError fault = new OutOfMemoryError("on purpose");
    fixture.timings =
        new EngineTimings() {
          @Override
          public void committed(int sends, Duration took) {
            throw fault;
          }
        };
    PendingSend send = fixture.send("one");
    assertThat(fixture.commit(send)).containsExactly(send);
    unanswered(send);
    assertThat(heard).containsExactly(fault);
  }

  @Test
  void theApplicationHearsOfALackOfMemoryWhileMessagesArePassedOn() {
    OutOfMemoryError fault = new OutOfMemoryError("on purpose");
    fixture.sink =
        (fresh, duplicates) -> {
          throw fault;
        };
    PendingSend send = fixture.send("one");
    fixture.commit(send);
    assertThat(ack(send).seq()).isEqualTo(1);
    assertThat(heard).containsExactly(fault);
  }

  @Test
  void theApplicationHearsOfALackOfMemoryWhileASessionIsTold() {
    OutOfMemoryError fault = new OutOfMemoryError("on purpose");
    PendingSend send =
        pending(
            ScriptedStore.ADA,
            fixture.talk,
            NewMessage.text("one"),
            new PendingSend.Listener() {
              @Override
              public void acknowledged(long seq) {
                throw fault;
              }

              @Override
              public void failed() {}
            });
    fixture.commit(send);
    assertThat(ack(send).seq()).isEqualTo(1);
    assertThat(heard).containsExactly(fault);
  }

  // ---- measured

  @Test
  void theTimeOfACommitIsMeasured() {
    List<String> measured = new ArrayList<>();
    fixture.timings =
        new EngineTimings() {
          @Override
          public void committed(int sends, Duration took) {
            assertThat(took).isBetween(Duration.ZERO, Duration.ofMinutes(1));
            measured.add(sends + " sends");
          }
        };
    fixture.committer.commit(fixture.sends("one", "two"), Committer.NO_WAIT);
    assertThat(measured).containsExactly("2 sends");
  }

  // ---- an earlier doubt

  @Test
  void aDoubtOutlivesAConversationThatCannotBeRead() {
    PendingSend doubted = fixture.send("doubted");
    doubted.attemptIsInDoubt(FAULT);
    store.findFault = FAULT;
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    store.findFault = new StoreBusyException("busy, on purpose", null);
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    store.findFault = new StoreUnavailableException("away, on purpose", null);
    assertThat(fixture.commit(doubted)).containsExactly(doubted);
    unanswered(doubted);
    assertThat(fixture.breaker.allowsCalls()).isFalse();
  }
}
