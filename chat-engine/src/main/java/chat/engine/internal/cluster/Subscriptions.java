package chat.engine.internal.cluster;

import chat.engine.internal.util.Threads;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts who on this node needs a topic, and tells the router when the first comes and when the
 * last has gone. One thread makes all these calls, in order, so that a quick leave and return
 * cannot cross; whatever queued up meanwhile is one call. Its queue is bounded by the sessions that
 * wait for it.
 */
public final class Subscriptions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Subscriptions.class);
  private static final int MAX_REQUESTS = 1024;

  private record Request(Collection<Topic> topics, int change, CompletableFuture<Void> done) {}

  private final Router router;
  private final LinkedBlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final Map<Topic, Integer> counts = new HashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  public Subscriptions(Router router) {
    this.router = router;
    this.thread = Threads.named("routing").newThread(this::run);
    thread.start();
  }

  /**
   * Completes when publications to these topics reach this node, or when the router has promised to
   * catch up.
   */
  public CompletableFuture<Void> acquire(Collection<Topic> topics) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (topics.isEmpty()) {
      done.complete(null);
    } else {
      requests.add(new Request(topics, 1, done));
    }
    return done;
  }

  /** Completes when all that was asked before has taken effect. */
  public CompletableFuture<Void> settled() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    requests.add(new Request(List.of(), 1, done));
    return done;
  }

  public void release(Collection<Topic> topics) {
    if (!topics.isEmpty()) {
      requests.add(new Request(topics, -1, new CompletableFuture<>()));
    }
  }

  private void run() {
    List<Request> batch = new ArrayList<>();
    while (!closed) {
      try {
        batch.add(requests.take());
        requests.drainTo(batch, MAX_REQUESTS - 1);
        apply(batch);
      } catch (InterruptedException endOfEngine) {
        // The loop looks at closed.
      } catch (RuntimeException | Error fault) {
        Threads.outlived(fault);
        log.error("the router failed to take subscriptions", fault);
        batch.forEach(request -> request.done().completeExceptionally(fault));
      }
      batch.clear();
    }
  }

  private void apply(List<Request> batch) {
    Set<Topic> begun = new LinkedHashSet<>();
    Set<Topic> ended = new LinkedHashSet<>();
    for (Request request : batch) {
      for (Topic topic : request.topics()) {
        int before = counts.getOrDefault(topic, 0);
        int now = Math.max(0, before + request.change());
        if (now == 0) {
          counts.remove(topic);
        } else {
          counts.put(topic, now);
        }
        if (before == 0 && now == 1 && !ended.remove(topic)) {
          begun.add(topic);
        } else if (before == 1 && now == 0 && !begun.remove(topic)) {
          ended.add(topic);
        }
      }
    }
    if (!begun.isEmpty()) {
      router.subscribe(begun);
    }
    if (!ended.isEmpty()) {
      router.unsubscribe(ended);
    }
    batch.forEach(request -> request.done().complete(null));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
