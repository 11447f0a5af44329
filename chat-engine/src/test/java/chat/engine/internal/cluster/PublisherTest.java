package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.MetricValues;
import chat.engine.internal.runtime.Metrics;
import chat.engine.spi.Publication;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PublisherTest {
  private static final List<Topic> TOPICS = List.of(Topics.NODES);

  private final PlayedRouter router = new PlayedRouter();
  private final EnvelopeCodec codec = new EnvelopeCodec("epoch");
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final Publisher publisher = new Publisher(router, codec, metrics);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);
  private long lookedNanos = System.nanoTime();
  private final Queue<String> done = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() {
    goOn.countDown();
    publisher.close();
  }

  private static Envelope hint(int number) {
    return new Envelope.PresenceHint(
        List.of(UserId.of("u" + number)), Envelope.PresenceHint.Kind.LEFT, number);
  }

  private static Envelope large(int users) {
    UserId[] many = new UserId[users];
    Arrays.fill(many, UserId.of("x".repeat(64)));
    return new Envelope.PresenceHint(List.of(many), Envelope.PresenceHint.Kind.LEFT, 0);
  }

  private void hold() {
    router.behaviour =
        () -> {
          begun.countDown();
          goOn.await();
        };
  }

  private List<Envelope> published() {
    List<Envelope> envelopes = new ArrayList<>();
    for (List<Publication> batch : router.published) {
      batch.forEach(publication -> envelopes.add(codec.decode(publication.payload())));
    }
    return envelopes;
  }

  /** Whether anything was dropped since the last call. */
  private boolean dropped() {
    boolean was = publisher.droppedSince(lookedNanos);
    lookedNanos = System.nanoTime();
    return was;
  }

  private long count(String counter) {
    return MetricValues.of(metrics, counter);
  }

  @Test
  void envelopesAreHandedOverInTheirOrderAndWhatFollowsRunsAfterwards() {
    publisher.publishTracked(TOPICS, hint(1)).thenRun(() -> done.add("one"));
    publisher.publish(TOPICS, hint(2));
    publisher.publishEphemeral(TOPICS, hint(3));
    await().until(publisher::isIdle);
    assertThat(published()).containsExactly(hint(1), hint(2), hint(3));
    assertThat(router.published.peek().get(0).topics()).isEqualTo(TOPICS);
    assertThat(done).containsExactly("one");
    assertThat(count("envelopes_published")).isEqualTo(3);
    assertThat(dropped()).isFalse();
  }

  /** E2d: what is inside the router has not been handed over yet. */
  @Test
  void itIsNotIdleWhileTheRouterHasABatch() throws InterruptedException {
    hold();
    publisher.publish(TOPICS, hint(1));
    begun.await();
    assertThat(publisher.isIdle()).isFalse();
    assertThat(count("publisher_backlog")).isEqualTo(1);
    goOn.countDown();
    await().until(publisher::isIdle);
  }

  @Test
  void whatTheRouterDoesNotTakeIsDroppedAndTold() {
    router.behaviour =
        () -> {
          throw new RouterUnavailableException("away, on purpose", null);
        };
    CompletableFuture<Void> handedOver = publisher.publishTracked(TOPICS, hint(1));
    await().until(publisher::isIdle);
    assertThat(handedOver)
        .failsWithin(Duration.ofSeconds(10))
        .withThrowableThat()
        .withMessageContaining("the router could not take");
    assertThat(count("envelopes_dropped")).isEqualTo(1);
    assertThat(dropped()).isTrue();
    assertThat(dropped()).isFalse();
    router.behaviour =
        () -> {
          throw new AssertionError("a router's fault, on purpose");
        };
    publisher.publish(TOPICS, hint(2));
    await().until(publisher::isIdle);
    assertThat(dropped()).isTrue();
    router.behaviour = null;
    publisher.publish(TOPICS, hint(3));
    await().untilAsserted(() -> assertThat(published()).containsExactly(hint(3)));
    assertThat(done).isEmpty();
    assertThat(count("envelopes_published")).isEqualTo(1);
  }

  @Test
  void theQueueIsBoundedByEnvelopesAndTheEphemeralOnesGoFirst() throws InterruptedException {
    hold();
    publisher.publish(TOPICS, hint(0));
    begun.await();
    for (int i = 1; i < 8_192; i++) {
      publisher.publishEphemeral(TOPICS, hint(i));
    }
    assertThat(count("ephemeral_dropped")).isZero();
    publisher.publishEphemeral(TOPICS, hint(0));
    assertThat(count("ephemeral_dropped")).isEqualTo(1);
    for (int i = 8_192; i < 32_768; i++) {
      publisher.publish(TOPICS, hint(i));
    }
    assertThat(dropped()).isFalse();
    publisher.publish(TOPICS, hint(0));
    assertThat(dropped()).isTrue();
    assertThat(count("envelopes_dropped")).isEqualTo(1);
    goOn.countDown();
    await().until(publisher::isIdle);
    assertThat(count("envelopes_published")).isEqualTo(32_768);
  }

  @Test
  void aReceiptThatIsDroppedCountsForOtherNodesHaveToFindIt() throws InterruptedException {
    hold();
    publisher.publish(TOPICS, hint(0));
    begun.await();
    for (int i = 1; i < 8_192; i++) {
      publisher.publish(TOPICS, hint(i));
    }
    publisher.publishEphemeral(TOPICS, hint(0));
    assertThat(dropped()).as("nobody misses a hint").isFalse();
    publisher.publishEphemeral(
        TOPICS,
        new Envelope.OwnRead(
            Conversation.group(ConversationId.of(7), "friends", Instant.EPOCH),
            UserId.of("ada"),
            1,
            1));
    assertThat(dropped()).isTrue();
    goOn.countDown();
  }

  @Test
  void theQueueIsBoundedByBytes() throws InterruptedException {
    hold();
    Envelope large = large(100_000); // about 6.8 MB
    int fitting = (int) ((64L << 20) / codec.encode(large).length);
    publisher.publish(TOPICS, large);
    begun.await();
    for (int i = 1; i < fitting; i++) {
      publisher.publish(TOPICS, large);
    }
    assertThat(dropped()).isFalse();
    publisher.publish(TOPICS, large);
    assertThat(dropped()).isTrue();
    publisher.publishEphemeral(TOPICS, large);
    assertThat(count("ephemeral_dropped")).isEqualTo(1);
    for (int i = 0; i < fitting; i++) {
      publisher.publish(TOPICS, large);
    }
    assertThat(dropped()).as("what is refused takes no room").isTrue();
    goOn.countDown();
    await().until(publisher::isIdle);
    publisher.publish(TOPICS, large);
    assertThat(dropped()).as("there is room again").isFalse();
  }

  @Test
  void theBytesOfWhatWasDroppedAreGivenBack() {
    router.behaviour =
        () -> {
          throw new RouterUnavailableException("away, on purpose", null);
        };
    Envelope large = large(100_000);
    for (int i = 0; i < 30; i++) {
      publisher.publish(TOPICS, large);
      await().until(publisher::isIdle);
    }
    router.behaviour = null;
    dropped();
    publisher.publish(TOPICS, large);
    await().untilAsserted(() -> assertThat(router.published).hasSize(1));
    assertThat(dropped()).isFalse();
  }

  @Test
  void aFaultOfWhatFollowsIsNoFaultOfThePublication() {
    publisher
        .publishTracked(TOPICS, hint(1))
        .thenRun(
            () -> {
              throw new AssertionError("on purpose");
            });
    publisher.publishTracked(TOPICS, hint(3)).thenRun(() -> done.add("three"));
    await().until(publisher::isIdle);
    assertThat(done).containsExactly("three");
    assertThat(count("envelopes_published")).isEqualTo(2);
    assertThat(count("envelopes_dropped")).isZero();
    assertThat(dropped()).isFalse();
  }

  @Test
  void closedItDropsAndSaysSo() throws InterruptedException {
    hold();
    publisher.publish(TOPICS, hint(1));
    begun.await();
    publisher.publish(TOPICS, hint(2));
    publisher.close();
    await().until(publisher::isIdle);
    publisher.publish(TOPICS, hint(3));
    assertThat(dropped()).isTrue();
    assertThat(count("envelopes_dropped")).isEqualTo(3);
  }

  @Test
  void aloneItPublishesNothingAndWhatFollowsRunsAtOnce() {
    try (Publisher alone = new Publisher(new SoloRouter(), codec, metrics)) {
      alone.publishTracked(TOPICS, hint(1)).thenRun(() -> done.add("at once"));
      alone.publish(TOPICS, hint(1));
      alone.publishEphemeral(TOPICS, hint(1));
      assertThat(done).containsExactly("at once");
      assertThat(alone.isIdle()).isTrue();
      assertThat(count("envelopes_published")).isZero();
    }
  }
}
