package chat.engine.internal.session;

import static chat.engine.internal.session.LocalSessions.added;
import static chat.engine.internal.session.LocalSessions.message;
import static chat.engine.internal.session.LocalSessions.renamed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.EncodedChatListener;
import chat.engine.EventEncoder;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.Resync;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.cluster.SoloRouter;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.internal.runtime.Metrics;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SharedEventTest {
  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(7), "group", Instant.EPOCH);
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final List<Object> told = new ArrayList<>();

  private SharedEvent shared(ChatEvent event) {
    return new SharedEvent(event, ConversationKind.GROUP, metrics);
  }

  private record Wired(EventEncoder<byte[]> encoder, List<Object> told)
      implements EncodedChatListener<byte[]> {
    @Override
    public void onEvent(ChatSession session, ChatEvent event, byte[] encoded) {
      told.add(encoded);
    }
  }

  @Test
  void anEventIsEncodedOnceForAllAndNotAtAllForListenersThatTakeItAsItIs() {
    SharedEvent event = new SharedEvent(new Resync(), null, metrics);
    ChatSession session = TestHandle.of(new LocalSessions().connect(UserId.of("ada")).session());
    EventEncoder<byte[]> encoder = resync -> new byte[] {1, 2};
    event.deliverTo(ChatListener.of(told::add), session);
    assertThat(metrics.counters()).containsEntry("encodes", 0L);
    event.deliverTo(new Wired(encoder, told), session);
    event.deliverTo(new Wired(encoder, told), session);
    assertThat(told.get(0)).isEqualTo(new Resync());
    assertThat((byte[]) told.get(1)).containsExactly(1, 2).isSameAs(told.get(2));
    assertThat(metrics.counters()).containsEntry("encodes", 1L);
    assertThat(event.kind()).isNull();
  }

  @Test
  void eachEncoderGetsItsOwnBytes() {
    SharedEvent event = new SharedEvent(new Resync(), null, metrics);
    ChatSession session = TestHandle.of(new LocalSessions().connect(UserId.of("ada")).session());
    event.deliverTo(new Wired(resync -> new byte[] {1}, told), session);
    event.deliverTo(new Wired(resync -> new byte[] {2}, told), session);
    assertThat((byte[]) told.get(0)).containsExactly(1);
    assertThat((byte[]) told.get(1)).containsExactly(2);
  }

  @Test
  void itsWeightIsThatOfAllItHolds() {
    Message message = message(GROUP.id(), 1, UserId.of("ada"));
    assertThat(shared(new MessageReceived(message)).weight()).isEqualTo(MessageWeight.of(message));
    assertThat(shared(new Resync()).weight()).isEqualTo(256);
    assertThat(shared(new ConversationChanged(GROUP, null)).weight()).isEqualTo(256);
    assertThat(
            shared(
                    new ConversationChanged(
                        GROUP, added(GROUP, 1, 0, UserId.of("a"), UserId.of("b"))))
                .weight())
        .isEqualTo(256 + 2 * 64);
  }

  @Test
  void itKnowsWhomAChangeIsAboutFewOrMany() {
    UserId[] many =
        IntStream.range(0, 100).mapToObj(i -> UserId.of("u" + i)).toArray(UserId[]::new);
    for (UserId[] subjects : new UserId[][] {{many[0]}, {many[0], many[99]}, many}) {
      SharedEvent event = shared(new ConversationChanged(GROUP, added(GROUP, 1, 0, subjects)));
      assertThat(event.isAbout(subjects[0])).isTrue();
      assertThat(event.isAbout(subjects[subjects.length - 1])).isTrue();
      assertThat(event.isAbout(UserId.of("other"))).isFalse();
    }
    assertThat(shared(new ConversationChanged(GROUP, renamed(GROUP, 1, 0, "n"))).isAbout(many[0]))
        .isFalse();
    assertThat(shared(new ConversationChanged(GROUP, null)).isAbout(many[0])).isFalse();
    assertThat(shared(new Resync()).isAbout(many[0])).isFalse();
  }

  @Test
  void aContextSaysThatItIsNotWiredAndThenPassesGapsOn() {
    LocalSessions node = new LocalSessions();
    SessionContext unwired =
        new SessionContext(1, metrics, Runnable::run, node.registry, new SoloRouter());
    assertThatThrownBy(() -> unwired.refill(List.of())).hasMessageContaining("wired");
    assertThat(node.connect(UserId.of("ada")).session().id()).contains("-");
    List<Session.Gap> gaps = List.of(new Session.Gap(GROUP.id(), 3));
    unwired.wire(
        new SessionContext.Owner() {
          @Override
          public void refill(List<Session.Gap> missing) {
            told.addAll(missing);
          }

          @Override
          public ChatSession handle(Session session) {
            return TestHandle.of(session);
          }

          @Override
          public void closed(Session session) {}
        });
    unwired.refill(gaps);
    assertThat(told).isEqualTo(gaps);
  }
}
