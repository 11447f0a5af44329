package chat.engine.internal.cluster;

import chat.engine.internal.runtime.Errors;
import chat.engine.internal.util.BatchWorker;
import chat.engine.internal.util.Threads;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
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
  private final Map<Topic, Integer> counts = new HashMap<>();
  private final BatchWorker<Request> worker;

  public Subscriptions(Router router) {
    this.router = router;
    this.worker =
        new BatchWorker<>(
            Threads.named("routing"), Integer.MAX_VALUE, MAX_REQUESTS, this::apply, this::refuse);
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
      request(new Request(topics, 1, done));
    }
    return done;
  }

  /** Completes when all that was asked before has taken effect. */
  public CompletableFuture<Void> settled() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    request(new Request(List.of(), 1, done));
    return done;
  }

  public void release(Collection<Topic> topics) {
    if (!topics.isEmpty()) {
      request(new Request(topics, -1, new CompletableFuture<>()));
    }
  }

  private void request(Request request) {
    if (!worker.add(request)) {
      request.done().completeExceptionally(Errors.closing());
    }
  }

  /** Subscriptions and releases that have not taken effect. */
  public int pending() {
    return worker.pending();
  }

  private void refuse(List<Request> batch, Throwable fault) {
    boolean isClosing = fault instanceof InterruptedException;
    if (!isClosing) {
      log.error("the router failed to take subscriptions", fault);
    }
    Throwable told = isClosing ? Errors.closing() : fault;
    batch.forEach(request -> request.done().completeExceptionally(told));
  }

  private void apply(List<Request> batch) {
    Map<Topic, Integer> before = new LinkedHashMap<>();
    for (Request request : batch) {
      for (Topic topic : request.topics()) {
        int count = counts.getOrDefault(topic, 0);
        before.putIfAbsent(topic, count);
        setCount(topic, count + request.change());
      }
    }
    try {
      route(before);
    } catch (RuntimeException | Error fault) {
      before.forEach(this::setCount); // as if nobody had asked
      throw fault;
    }
    batch.forEach(request -> request.done().complete(null));
  }

  /** Tells the router which topics have begun to be needed, and which are needed no more. */
  private void route(Map<Topic, Integer> before) {
    List<Topic> begun = new ArrayList<>();
    List<Topic> ended = new ArrayList<>();
    before.forEach(
        (topic, count) -> {
          boolean needed = counts.containsKey(topic);
          if (needed && count == 0) {
            begun.add(topic);
          } else if (!needed && count > 0) {
            ended.add(topic);
          }
        });
    if (!begun.isEmpty()) {
      router.subscribe(begun);
    }
    if (!ended.isEmpty()) {
      router.unsubscribe(ended);
    }
  }

  private void setCount(Topic topic, int count) {
    if (count <= 0) {
      counts.remove(topic);
    } else {
      counts.put(topic, count);
    }
  }

  @Override
  public void close() {
    worker.close();
  }
}
