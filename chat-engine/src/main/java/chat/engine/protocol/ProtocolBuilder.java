package chat.engine.protocol;

import chat.engine.ChatEngine;
import chat.engine.event.ChatEvent;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Sets up a {@link ChatProtocol}; get one from {@link ChatProtocol#builder}. Not thread-safe. */
public final class ProtocolBuilder {
  private static final Pattern TYPE = Pattern.compile("[a-z][a-z0-9_]{0,63}");
  private static final int FRAME_OVERHEAD_BYTES = 8 * 1024;

  /** Of one user, unless another rate is set for users. */
  private static final int CONNECTIONS_AT_FULL_RATE = 4;

  private final ChatEngine engine;
  private final Map<String, Verb> verbs = new TreeMap<>();
  private int requestsPerSecond = 50;
  private @Nullable Integer requestsPerSecondPerUser;
  private int maxFrameBytes;
  private Duration heartbeat = Duration.ofSeconds(30);
  private @Nullable Executor blocking;
  private Function<Throwable, WireError> errors = WireError::of;
  private BiConsumer<ProtocolConnection, ObjectNode> welcome = (connection, json) -> {};
  private BiConsumer<ProtocolConnection, ChatEvent> sent = (connection, event) -> {};
  private BiConsumer<String, Duration> answerTimes = (type, took) -> {};

  ProtocolBuilder(ChatEngine engine) {
    this.engine = engine;
    // Every byte of a text can take six in JSON.
    this.maxFrameBytes = 6 * engine.maxTextBytes() + FRAME_OVERHEAD_BYTES;
  }

  /** Opens the verbs of these sets to clients; nothing is open unless set. */
  public ProtocolBuilder open(VerbSet... sets) {
    return open(List.of(sets));
  }

  /** Opens the verbs of these sets; of two verbs with the same type the later one counts. */
  public ProtocolBuilder open(List<VerbSet> sets) {
    sets.forEach(set -> set.verbs().forEach(this::verb));
    return this;
  }

  /**
   * Opens a verb of the host's own, in place of any that has the same type.
   *
   * @param type of its requests: lower-case letters, digits and underscores, at most 64
   */
  public ProtocolBuilder verb(String type, Verb verb) {
    if (!TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "'%s' cannot be the type of a request: use a-z, 0-9, _", type));
    }
    verbs.put(type, verb);
    return this;
  }

  /** Closes a verb that a set opened. */
  public ProtocolBuilder close(String type) {
    verbs.remove(type);
    return this;
  }

  /**
   * How many requests each connection may send per second; 50 unless set. What was not used adds up
   * to two seconds' worth. A client that sends faster is read more slowly.
   */
  public ProtocolBuilder requestsPerSecond(int requests) {
    this.requestsPerSecond = requirePositive("requestsPerSecond", requests);
    return this;
  }

  /**
   * How many requests each user may send per second by all connections to this node together; four
   * times {@link #requestsPerSecond} unless set. What was not used adds up to two seconds' worth. A
   * user who sends faster is read more slowly, on each connection in turn.
   */
  public ProtocolBuilder requestsPerSecondPerUser(int requests) {
    this.requestsPerSecondPerUser = requirePositive("requestsPerSecondPerUser", requests);
    return this;
  }

  /**
   * The longest frame of a client, in bytes of UTF-8; unless set, what the engine's longest text
   * can take in JSON, and 8 KiB. A longer one closes its connection.
   */
  public ProtocolBuilder maxFrameBytes(int bytes) {
    this.maxFrameBytes = requirePositive("maxFrameBytes", bytes);
    return this;
  }

  /**
   * How long a connection may be silent before the host pings it, as {@code welcome} tells clients;
   * 30 s unless set. The pings themselves are the host's.
   */
  public ProtocolBuilder heartbeat(Duration period) {
    requirePositive("heartbeat", (int) Math.min(period.toSeconds(), Integer.MAX_VALUE));
    this.heartbeat = period;
    return this;
  }

  /**
   * Where {@link VerbCall#blocking} runs work; it may reject, which is answered with {@code busy}.
   * Unless set, the protocol has 16 threads, and a queue of 1,000 before them, which end with it.
   */
  public ProtocolBuilder blockingExecutor(Executor executor) {
    this.blocking = executor;
    return this;
  }

  /** What clients are told of failures of the host's own verbs; {@link WireError#of} unless set. */
  public ProtocolBuilder errors(Function<Throwable, WireError> mapping) {
    this.errors = mapping;
    return this;
  }

  /** Adds to the {@code welcome} of each connection, or changes it. Must not block. */
  public ProtocolBuilder welcome(BiConsumer<ProtocolConnection, ObjectNode> additions) {
    this.welcome = additions;
    return this;
  }

  /** Told of each event that was handed to a transport. Must not block. */
  public ProtocolBuilder onSent(BiConsumer<ProtocolConnection, ChatEvent> observer) {
    this.sent = observer;
    return this;
  }

  /** Told the type of each request that was answered with {@code ok}, and how long that took. */
  public ProtocolBuilder answerTimes(BiConsumer<String, Duration> observer) {
    this.answerTimes = observer;
    return this;
  }

  public ChatProtocol build() {
    return new ChatProtocol(
        engine,
        Map.copyOf(verbs),
        new ChatProtocol.Settings(requestsPerSecond, perUser(), maxFrameBytes, heartbeat),
        blocking,
        errors,
        welcome,
        sent,
        answerTimes);
  }

  private int perUser() {
    return requestsPerSecondPerUser != null
        ? requestsPerSecondPerUser
        : (int) Math.min(Integer.MAX_VALUE, (long) CONNECTIONS_AT_FULL_RATE * requestsPerSecond);
  }

  private static int requirePositive(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be above zero, not " + value);
    }
    return value;
  }
}
