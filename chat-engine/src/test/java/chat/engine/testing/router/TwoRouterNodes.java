package chat.engine.testing.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.spi.Publication;
import chat.engine.spi.Router;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.core.ConditionFactory;

/** A test with two nodes: Ann is on the one, and Bob on the other. */
public abstract class TwoRouterNodes {
  protected static final String CLUSTER = "c";
  protected static final Topic ANN = new Topic("user:ann");
  protected static final Topic BOB = new Topic("user:bob");
  protected static final Topic NOBODY = new Topic("user:nobody");

  protected final Recorder ann = new Recorder();
  protected final Recorder bob = new Recorder();

  private final Duration healed;
  private final AtomicInteger sent = new AtomicInteger();

  /**
   * @param healed the time in which a fault is healed
   */
  protected TwoRouterNodes(Duration healed) {
    this.healed = healed;
  }

  /** Ann's and Bob's. */
  protected abstract List<Router> nodes();

  protected final void startBoth() {
    nodes().get(0).start(CLUSTER, ann);
    nodes().get(1).start(CLUSTER, bob);
    nodes().get(0).subscribe(List.of(ANN));
    nodes().get(1).subscribe(List.of(BOB));
  }

  protected final ConditionFactory soon() {
    return await().atMost(healed).pollInterval(Duration.ofMillis(20));
  }

  protected static Publication to(Topic topic, String text) {
    return new Publication(List.of(topic), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Publishes until it arrives, as retries would; a router that has healed needs one. */
  protected final void awaitDelivery(Router from, Topic to, Recorder inbox) {
    soon()
        .ignoreException(RouterUnavailableException.class)
        .until(
            () -> {
              String text = "message " + sent.incrementAndGet();
              from.publish(List.of(to(to, text)));
              return inbox.envelopes.stream().anyMatch(one -> one.startsWith("message "));
            });
  }

  /** Both nodes know who is there. */
  protected final void awaitTruth() {
    for (Router node : nodes()) {
      soon()
          .ignoreException(RouterUnavailableException.class)
          .untilAsserted(
              () ->
                  assertThat(node.subscribed(List.of(ANN, BOB, NOBODY)))
                      .containsExactlyInAnyOrder(ANN, BOB));
      soon().until(node::healthy);
    }
  }

  protected final void awaitDoubtOf(Recorder recorder, int before) {
    soon().untilAsserted(() -> assertThat(recorder.doubts).hasValueGreaterThan(before));
  }

  /** Whatever was answered meanwhile, it was not that somebody is away who is there. */
  protected static final class Truth implements AutoCloseable {
    private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(1);

    private final Thread asker;
    private volatile boolean stopped;
    public final AtomicInteger lies = new AtomicInteger();
    public final AtomicInteger answers = new AtomicInteger();

    public Truth(Router node, Topic present) {
      asker =
          new Thread(
              () -> {
                while (!stopped) {
                  try {
                    if (!node.subscribed(List.of(present)).contains(present)) {
                      lies.incrementAndGet();
                    }
                    answers.incrementAndGet();
                  } catch (RouterUnavailableException cannotTell) {
                    // That is the truth too.
                  }
                  LockSupport.parkNanos(BETWEEN_QUESTIONS.toNanos());
                }
              },
              "asker");
      asker.start();
    }

    @Override
    public void close() throws InterruptedException {
      stopped = true;
      asker.join();
    }
  }
}
