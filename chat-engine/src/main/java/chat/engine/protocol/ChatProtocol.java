package chat.engine.protocol;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.protocol.rate.UserRates;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The protocol that clients speak, over the sockets of any WebSocket library:
 *
 * <pre>{@code
 * ChatProtocol protocol =
 *     ChatProtocol.builder(engine).open(StandardVerbs.FOLLOWING, StandardVerbs.TALKING).build();
 *
 * // for each socket, once the application knows whose it is:
 * ProtocolConnection chat = protocol.open(user, device, transport);
 * // for each text frame, and at the end:
 * chat.receive(text);
 * chat.closed();
 * }</pre>
 *
 * <p>Thread-safe. Close it after its sockets and before its engine.
 */
public final class ChatProtocol implements AutoCloseable {
  private static final int BLOCKING_THREADS = 16;
  private static final int BLOCKING_QUEUE = 1_000;
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** What is left of the time for a drain to say goodbye when commits were waited for in vain. */
  private static final Duration PARTING = Duration.ofSeconds(3);

  private static final Duration LEAST_PARTING = Duration.ofSeconds(1);

  /** What the host chose; {@code welcome} tells most of it to the clients. */
  record Settings(
      int requestsPerSecond, int requestsPerSecondPerUser, int maxFrameBytes, Duration heartbeat) {}

  private final ChatEngine engine;
  private final Map<String, Verb> verbs;
  private final Settings settings;
  private final UserRates rates;
  private final Executor blocking;
  private final @Nullable ThreadPoolExecutor ownThreads;
  private final Function<Throwable, WireError> errors;
  private final BiConsumer<ProtocolConnection, ObjectNode> welcome;
  private final BiConsumer<ProtocolConnection, ChatEvent> sent;
  private final BiConsumer<String, Duration> answerTimes;
  private final Set<ProtocolConnection> connections = ConcurrentHashMap.newKeySet();
  private final Object closings = new Object(); // told when a connection is forgotten
  private final Map<String, LongAdder> answered = new ConcurrentHashMap<>();
  private final LongAdder failed = new LongAdder();
  private final LongAdder refused = new LongAdder();

  ChatProtocol(
      ChatEngine engine,
      Map<String, Verb> verbs,
      Settings settings,
      @Nullable Executor blocking,
      Function<Throwable, WireError> errors,
      BiConsumer<ProtocolConnection, ObjectNode> welcome,
      BiConsumer<ProtocolConnection, ChatEvent> sent,
      BiConsumer<String, Duration> answerTimes) {
    this.engine = engine;
    this.verbs = verbs;
    this.settings = settings;
    this.rates = new UserRates(settings.requestsPerSecondPerUser());
    if (blocking == null) {
      ThreadPoolExecutor own = threads();
      this.ownThreads = own;
      this.blocking = own;
    } else {
      this.ownThreads = null;
      this.blocking = blocking;
    }
    this.errors = errors;
    this.welcome = welcome;
    this.sent = sent;
    this.answerTimes = answerTimes;
  }

  private static ThreadPoolExecutor threads() {
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            BLOCKING_THREADS,
            BLOCKING_THREADS,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(BLOCKING_QUEUE),
            task -> {
              Thread thread = new Thread(task, "chat-protocol");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  public static ProtocolBuilder builder(ChatEngine engine) {
    return new ProtocolBuilder(engine);
  }

  /** Takes on the socket of a user whom the application knows. */
  public ProtocolConnection open(UserId user, DeviceId device, Transport transport) {
    ProtocolConnection connection = open(transport);
    connection.admit(user, device, null);
    return connection;
  }

  /**
   * Takes on a socket whose user is not known yet. What the client sends waits until {@link
   * ProtocolConnection#admit}; to turn it away, call {@link ProtocolConnection#close}.
   */
  public ProtocolConnection open(Transport transport) {
    ProtocolConnection connection = new ProtocolConnection(this, transport);
    connections.add(connection);
    return connection;
  }

  public ChatEngine engine() {
    return engine;
  }

  public int connectionCount() {
    return connections.size();
  }

  /** The connections of this node that have not been closed, in no particular order. */
  public Stream<ProtocolConnection> connections() {
    return connections.stream();
  }

  /** How long a connection may be silent before the host should ping it. */
  public Duration heartbeat() {
    return settings.heartbeat();
  }

  public int maxFrameBytes() {
    return settings.maxFrameBytes();
  }

  /** Whether requests of this type are open to clients. */
  public boolean isOpen(String type) {
    return verbs.containsKey(type);
  }

  /**
   * What was counted since the start, by name, for metrics pages and tests; a copy. Types of
   * requests appear with their first request.
   */
  public Map<String, Long> counters() {
    Map<String, Long> values = new TreeMap<>();
    answered.forEach((type, count) -> values.put("requests_" + type, count.sum()));
    values.put("requests_failed", failed.sum());
    values.put("requests_refused", refused.sum());
    return values;
  }

  /**
   * Drains the engine, see {@link ChatEngine#drain}, then waits until the sockets are closed: each
   * client is sent {@code bye} and 1012, and the host calls {@link ProtocolConnection#closed}. Call
   * it while the host's sockets still accept what is written, and instead of the engine's own.
   * Blocks until done or until the deadline has passed. The last three seconds of it, or the second
   * half if it is shorter than six, are kept for the goodbye; that gets a second at least, also
   * when the deadline has passed. Idempotent.
   *
   * @return whether the engine was drained and every socket closed in time
   */
  public boolean drain(Duration deadline) {
    long end = System.nanoTime() + deadline.toNanos();
    boolean drained = engine.drain(committing(deadline));
    end = Math.max(end, System.nanoTime() + LEAST_PARTING.toNanos());
    connections.forEach(ProtocolConnection::closeUnlessAdmitted);
    synchronized (closings) {
      while (!connections.isEmpty()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(closings, left);
        } catch (InterruptedException stop) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
    }
    return drained;
  }

  /** For how much of the deadline sends may wait for their commits. */
  private static Duration committing(Duration deadline) {
    return deadline.compareTo(PARTING.multipliedBy(2)) > 0
        ? deadline.minus(PARTING)
        : deadline.dividedBy(2);
  }

  /** Ends the protocol's own threads; the sockets are the host's. Idempotent. */
  @Override
  public void close() {
    if (ownThreads != null) {
      ownThreads.shutdown();
    }
  }

  // ---- for connections

  Settings settings() {
    return settings;
  }

  UserRates rates() {
    return rates;
  }

  @Nullable Verb verb(String type) {
    return verbs.get(type);
  }

  WireError error(Throwable fault) {
    return errors.apply(fault);
  }

  WireError tooFast() {
    refused.increment();
    return new WireError(
        "rate_limited", "too many requests wait to be handled; send more slowly", RETRY_AFTER);
  }

  void answered(String type, boolean ok, long nanos) {
    if (ok) {
      answered.computeIfAbsent(type, first -> new LongAdder()).increment();
      answerTimes.accept(type, Duration.ofNanos(nanos));
    } else {
      failed.increment();
    }
  }

  void sent(ProtocolConnection connection, ChatEvent event) {
    sent.accept(connection, event);
  }

  void forget(ProtocolConnection connection) {
    connections.remove(connection);
    synchronized (closings) {
      closings.notifyAll();
    }
  }

  ObjectNode welcome(ProtocolConnection connection, ChatSession session) {
    ObjectNode json = WireJson.typed("welcome");
    json.putObject("user").put("username", session.user().value());
    json.put("device", session.device().value())
        .put("session_id", session.id())
        .put("node", engine.nodeId())
        .put("server_time", JsonObjects.time(engine.clock().instant()))
        .put("epoch", engine.epoch())
        .put("heartbeat_seconds", settings.heartbeat().toSeconds());
    ShownLimits.put(
        json.putObject("limits"), engine, settings.maxFrameBytes(), settings.requestsPerSecond());
    welcome.accept(connection, json);
    return json;
  }

  <T> CompletableFuture<T> blocking(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      blocking.execute(
          () -> {
            try {
              result.complete(work.call());
            } catch (Throwable fault) {
              result.completeExceptionally(fault);
            }
          });
    } catch (RejectedExecutionException full) {
      result.completeExceptionally(
          ChatException.busy("the server has too much to do", RETRY_AFTER));
    }
    return result;
  }
}
