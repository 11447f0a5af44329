package chat.engine.running;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EncodedChatListener;
import chat.engine.EngineBuilder;
import chat.engine.EventEncoder;
import chat.engine.NewMessage;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import chat.engine.event.PresenceChanged;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Encoders and clocks of an application that fail: each harms only its own call. */
@Timeout(90)
final class BrokenApplicationCodeTest extends TwoNodeTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** What north's clock does; it is right unless a test breaks it. */
  private volatile Runnable clock = () -> {};

  private volatile boolean clockIsNull;

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.clock(
        () -> {
          clock.run();
          return clockIsNull ? null : Instant.now();
        });
  }

  private record Encoded(EventEncoder<String> encoder, List<String> told)
      implements EncodedChatListener<String> {
    Encoded(EventEncoder<String> encoder) {
      this(encoder, new CopyOnWriteArrayList<>());
    }

    @Override
    public void onEvent(ChatSession session, ChatEvent event, String encoded) {
      told.add(String.valueOf(encoded));
    }
  }

  private static String textOf(ChatEvent event) {
    return event instanceof MessageReceived received ? received.message().text() : "other";
  }

  private static EventEncoder<String> encoder(Map<String, Runnable> traps) {
    return event -> {
      String text = textOf(event);
      traps.getOrDefault(text, () -> {}).run();
      return text.equals("null") ? null : text;
    };
  }

  private static Encoded encoded(ChatEngine node, String device, EventEncoder<String> encoder) {
    Encoded listener = new Encoded(encoder);
    get(node.connect(BOB, DeviceId.of(device), listener));
    return listener;
  }

  @Test
  void anEventThatAnEncoderCannotEncodeIsMissedByItsListenersAlone() {
    EventEncoder<String> bad =
        encoder(
            Map.of(
                "exception",
                () -> {
                  throw new IllegalStateException("no letters left");
                },
                "error",
                () -> {
                  throw new StackOverflowError("too deep");
                }));
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger("chat.engine");
    log.start();
    logger.addAppender(log);
    try {
      List<Encoded> broken = List.of(encoded(north, "1", bad), encoded(north, "2", bad));
      Encoded sound = encoded(north, "3", event -> textOf(event));
      RecordingListener plain = new RecordingListener();
      get(north.connect(BOB, DeviceId.of("4"), plain));
      ConversationId talk = get(south.asUser(ADA).openDirect(BOB)).id();
      List<String> texts = List.of("first", "exception", "null", "error", "null", "last");
      for (String text : texts) {
        get(south.asUser(ADA).send(talk, NewMessage.text(text)));
      }
      await().atMost(SOON).until(() -> sound.told().contains("last"));
      assertThat(sound.told().stream().filter(text -> !text.equals("other")))
          .containsExactlyElementsOf(texts);
      await().atMost(SOON).until(() -> plain.events(MessageReceived.class).size() == texts.size());
      for (Encoded listener : broken) {
        await().atMost(SOON).until(() -> listener.told().contains("last"));
        assertThat(listener.told().stream().filter(text -> !text.equals("other")))
            .containsExactly("first", "last");
      }
      assertThat(north.counters()).containsEntry("listener_faults", 8L);
      assertThat(log.list)
          .filteredOn(line -> line.getMessage().startsWith("the listener of session"))
          .as("eight faults, and one line")
          .hasSize(1);
    } finally {
      logger.detachAppender(log);
    }
  }

  private void callsWorkWhileTheClockIsBroken() {
    RecordingListener bob = connect(south, BOB);
    RecordingListener ada = new RecordingListener();
    ChatSession session = connect(north, ADA, ada);
    ConversationId talk = get(session.openDirect(BOB)).id();
    get(session.send(talk, NewMessage.text("what time is it")));
    assertThat(bob.awaitNext(MessageReceived.class).message().createdAt())
        .isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
    assertThat(north.clock().instant()).isCloseTo(Instant.now(), within(10, ChronoUnit.SECONDS));
    get(session.watchPresence(Set.of(BOB)));
    south.disconnect(BOB, "go").join();
    await().atMost(SOON).until(() -> !ada.events(PresenceChanged.class).isEmpty());
    long compared = north.counters().get("comparisons");
    get(south.asUser(CLEO).createGroup("late", Set.of(ADA)));
    await().atMost(SOON).until(() -> north.counters().get("comparisons") > compared + 1);
    assertThat(north.health()).isEqualTo(new ChatEngine.Health(true, true, true));
  }

  @Test
  void aClockThatThrowsFailsNoCall() {
    AtomicInteger asked = new AtomicInteger();
    clock =
        () -> {
          asked.incrementAndGet();
          throw new IllegalStateException("no battery");
        };
    callsWorkWhileTheClockIsBroken();
    assertThat(asked).hasPositiveValue();
  }

  @Tag("thorough")
  @Test
  void aClockThatThrowsAnErrorOrReturnsNullFailsNoCall() {
    AtomicInteger asked = new AtomicInteger();
    clock =
        () -> {
          clockIsNull = asked.incrementAndGet() % 2 == 0;
          if (!clockIsNull) {
            throw new NoClassDefFoundError("Clock");
          }
        };
    callsWorkWhileTheClockIsBroken();
    assertThat(asked).hasPositiveValue();
  }

  @Test
  void anEngineStartsWithAClockThatThrows() {
    ChatEngine third =
        node(
            network.join(),
            settings ->
                settings.clock(
                    () -> {
                      throw new IllegalStateException("no battery");
                    }));
    ConversationId talk = get(third.asUser(ADA).openDirect(BOB)).id();
    CompletableFuture<?> sent = third.asUser(ADA).send(talk, NewMessage.text("hello"));
    assertThat(sent).succeedsWithin(SOON);
  }
}
