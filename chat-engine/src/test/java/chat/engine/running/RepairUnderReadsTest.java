package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.testkit.Fault;
import chat.engine.testkit.RecordingListener;
import chat.engine.testkit.TestChat;
import chat.engine.testkit.TestNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the engine repairs by itself does not stand in line behind what the application reads. */
@Timeout(120)
final class RepairUnderReadsTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  /** Within this time a lost message is found. */
  private static final Duration PROMISED = Duration.ofSeconds(10);

  private static final Duration SLOW = Duration.ofMillis(20);

  /** At 4 threads and 20 ms each, these take longer than a minute. */
  private static final int READS = 14_000;

  private static final int ALL_THAT_MAY_WAIT = 16_384;

  private final TestChat chat = TestChat.open();

  @AfterEach
  void close() {
    chat.clearFaults();
    chat.close();
  }

  @Test
  void aLostMessageIsRepairedInTimeBehindAFloodOfReads() {
    repairedBehind(READS);
  }

  @Test
  void aLostMessageIsRepairedInTimeWhereSoManyReadsWaitThatOthersAreRefused() {
    repairedBehind(ALL_THAT_MAY_WAIT + 1_000);
  }

  private void repairedBehind(int reads) {
    ConversationId talk = chat.engine().asUser(ADA).openDirect(BOB).join().id();
    TestNode flooded = chat.addNode();
    RecordingListener bob = flooded.connect(BOB);
    flooded.inject(Fault.slow(SLOW).onReads());
    ChatUser reader = flooded.engine().asUser(ADA);
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < reads; i++) {
      waiting.add(reader.history(talk, HistoryQuery.newest()));
    }
    flooded.inject(Fault.routerAway());
    chat.engine().asUser(ADA).send(talk, NewMessage.text("lost on the way")).join();
    await()
        .atMost(PROMISED)
        .untilAsserted(() -> assertThat(bob.texts(talk)).contains("lost on the way"));
    assertThat(waiting).as("the flood goes on").anyMatch(read -> !read.isDone());
  }
}
