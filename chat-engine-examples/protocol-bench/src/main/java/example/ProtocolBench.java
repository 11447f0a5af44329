package example;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.Frame;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.ProtocolConnection;
import chat.engine.protocol.Transport;
import chat.engine.protocol.WireJson;
import chat.engine.protocol.verb.StandardVerbs;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * What the protocol costs beside the engine: from the frame of a {@code send} to the frame of its
 * answer, with an engine that answers at once, and from an event to its frame. Prints time and
 * allocated bytes per frame. Takes the arguments of JMH.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 6, time = 2)
@Fork(2)
public class ProtocolBench {
  private static final UserId ADA = UserId.of("ada");
  private static final ConversationId TALK = new ConversationId(123_456_789_012_345L);
  private static final String TEXT = "Shall we meet at seven, where the two streets cross?";

  private final String send =
      "{\"type\":\"send\",\"id\":\"17\",\"conversation_id\":\""
          + TALK
          + "\","
          + "\"client_message_id\":\"0193-7f2e-4711-abcd\",\"text\":\""
          + TEXT
          + "\"}";
  private final ChatEvent event =
      new MessageReceived(
          new Message(
              TALK,
              new MessageId(123_456_789_099_999L),
              4_711,
              ADA,
              ClientMessageId.of("0193-7f2e-4711-abcd"),
              TEXT,
              null,
              List.of(),
              null,
              Instant.ofEpochMilli(1_790_000_000_123L)));
  private final LastFrame socket = new LastFrame();
  private final ProtocolConnection connection =
      ChatProtocol.builder(engine())
          .requestsPerSecond(100_000_000)
          .open(StandardVerbs.TALKING)
          .build()
          .open(ADA, DeviceId.of("phone"), socket);

  /** A socket that takes everything. */
  private static final class LastFrame implements Transport {
    private Frame last;

    @Override
    public void send(Frame frame) {
      last = frame;
    }

    @Override
    public void close(int code, String reason) {
      throw new IllegalStateException(reason);
    }
  }

  /** An engine that has nothing to do. */
  private static ChatEngine engine() {
    CompletableFuture<SendAck> acknowledged =
        CompletableFuture.completedFuture(
            new SendAck(
                new MessageId(123_456_789_099_999L),
                TALK,
                4_711,
                Instant.ofEpochMilli(1_790_000_000_123L),
                false));
    return stub(
        ChatEngine.class,
        Map.of(
            "connect",
            CompletableFuture.completedFuture(
                stub(
                    ChatSession.class,
                    Map.of(
                        "send",
                        acknowledged,
                        "user",
                        ADA,
                        "device",
                        DeviceId.of("phone"),
                        "id",
                        "s"))),
            "epoch",
            "e",
            "nodeId",
            "n",
            "maxTextBytes",
            8_000));
  }

  private static <T> T stub(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.get(method.getName())));
  }

  @Benchmark
  public Frame answerASend() {
    connection.receive(send);
    return socket.last;
  }

  @Benchmark
  public byte[] encodeAnEvent() {
    return JsonObjects.bytes(WireJson.event(event));
  }

  public static void main(String[] args) throws Exception {
    System.out.printf(
        "%d processors, Java %s, a text of %d bytes, 1 thread, nothing is stored%n",
        Runtime.getRuntime().availableProcessors(), Runtime.version(), TEXT.length());
    new Runner(
            new OptionsBuilder()
                .parent(new CommandLineOptions(args))
                .include(ProtocolBench.class.getName())
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }
}
