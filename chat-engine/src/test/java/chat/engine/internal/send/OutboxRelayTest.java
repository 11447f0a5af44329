package chat.engine.internal.send;

import static chat.engine.internal.send.ScriptedStore.ADA;
import static chat.engine.internal.send.ScriptedStore.BOB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.MessageId;
import chat.engine.SendAck;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.send.pending.PendingSend;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.PublicationOutbox;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class OutboxRelayTest {
  private final SendFixture fixture = new SendFixture();
  private final StoreThreads reads = new StoreThreads(2, 16_384);
  private final List<Long> published = new CopyOnWriteArrayList<>();
  private final List<Long> observed = new CopyOnWriteArrayList<>();
  private final List<Runnable> afterwards = new CopyOnWriteArrayList<>();
  private final List<PublicationOutbox.Note> notes = new CopyOnWriteArrayList<>();
  private volatile boolean removedByAnother;

  private final OutboxRelay.Sink sink =
      new OutboxRelay.Sink() {
        @Override
        public void publish(CommittedMessage message, Runnable then) {
          published.add(message.message().seq());
          afterwards.add(then);
        }

        @Override
        public void observed(CommittedMessage message) {
          observed.add(message.message().seq());
        }
      };

  @AfterEach
  void close() {
    reads.close();
  }

  /** The in-memory store with an outbox of the test's. */
  private MessageStore withOutbox() {
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class, PublicationOutbox.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("unpublished")) {
                assertThat((Duration) arguments[0]).isEqualTo(Duration.ofSeconds(2));
                return List.copyOf(notes);
              }
              if (method.getName().equals("published")) {
                return notes.remove(arguments[0]) && !removedByAnother;
              }
              try {
                return method.invoke(fixture.store.real, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private OutboxRelay relay(MessageStore store) {
    return new OutboxRelay(store, reads, sink, fixture.metrics);
  }

  private SendAck stored() {
    PendingSend send = fixture.send(ADA, fixture.talk, "stored");
    fixture.commit(send);
    return SendFixture.ack(send);
  }

  private PublicationOutbox.Note note(SendAck ack) {
    PublicationOutbox.Note note =
        new PublicationOutbox.Note(ack.conversation(), ack.seq(), ack.messageId());
    notes.add(note);
    return note;
  }

  @Test
  void aStoredMessageIsPublishedAndObserved() {
    stored();
    SendAck second = stored();
    assertThat(relay(fixture.store.store).publishNow(fixture.talk, 2, second.messageId())).isTrue();
    assertThat(published).containsExactly(2L);
    assertThat(observed).containsExactly(2L);
    afterwards.forEach(Runnable::run);
    assertThat(observed).hasSize(1);
  }

  @Test
  void whatIsNotThereIsNotPublished() {
    SendAck ack = stored();
    OutboxRelay relay = relay(fixture.store.store);
    assertThat(relay.publishNow(fixture.talk, 1, MessageId.of(77))).isFalse();
    assertThat(relay.publishNow(fixture.talk, 2, ack.messageId())).isFalse();
    assertThat(relay.publishNow(ConversationId.of(99), 1, ack.messageId())).isFalse();
    assertThat(published).isEmpty();
    assertThat(observed).isEmpty();
  }

  @Test
  void withAnOutboxTheHooksHearOfItFromTheNodeThatRemovesTheNote() {
    SendAck ack = stored();
    note(ack);
    OutboxRelay relay = relay(withOutbox());
    assertThat(relay.publishNow(fixture.talk, 1, ack.messageId())).isTrue();
    assertThat(published).containsExactly(1L);
    assertThat(observed).isEmpty();
    afterwards.get(0).run();
    await().untilAsserted(() -> assertThat(observed).containsExactly(1L));
    assertThat(notes).isEmpty();
    removedByAnother = true;
    note(ack);
    assertThat(relay.publishNow(fixture.talk, 1, ack.messageId())).isTrue();
    afterwards.get(1).run();
    await().until(notes::isEmpty);
    reads.run(() -> {}).join();
    assertThat(observed).hasSize(1);
  }

  @Test
  void whatWasForgottenIsPublishedAfterAWhile() {
    note(stored());
    stored();
    note(stored());
    try (Timers timers = new Timers()) {
      relay(withOutbox()).start(timers);
      await().untilAsserted(() -> assertThat(published).contains(1L, 3L));
    }
    assertThat(fixture.count("forgotten_publications")).isGreaterThanOrEqualTo(2);
    afterwards.forEach(Runnable::run);
    await().until(notes::isEmpty);
    assertThat(fixture.store.direct(9, ADA, BOB)).isNotNull();
  }

  @Test
  void aStoreWithoutAnOutboxIsNotAsked() {
    try (Timers timers = new Timers()) {
      relay(fixture.store.store).start(timers);
    }
    assertThat(published).isEmpty();
  }
}
