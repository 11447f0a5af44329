package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.hook.EngineTimings;
import chat.engine.internal.runtime.Metrics;
import chat.engine.spi.Topic;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EnvelopeReceiverTest {
  private final List<Object> told = new ArrayList<>();
  private final Metrics metrics = new Metrics(EngineTimings.NONE, InstantSource.system());
  private final EnvelopeCodec codec = new EnvelopeCodec("epoch");
  private final EnvelopeReceiver receiver =
      new EnvelopeReceiver(
          new EnvelopeHandler() {
            @Override
            public void committed(Envelope.Committed committed) {
              told.add(committed);
            }

            @Override
            public void changed(Envelope.Changed changed) {
              told.add(changed);
            }

            @Override
            public void created(Envelope.Created created) {
              told.add(created);
            }

            @Override
            public void receipt(Envelope.Receipt receipt) {
              told.add(receipt);
            }

            @Override
            public void ownRead(Envelope.OwnRead read) {
              told.add(read);
            }

            @Override
            public void privacySet(Envelope.PrivacySet set) {
              told.add(set);
            }

            @Override
            public void preferences(Envelope.PreferencesSet preferences) {
              told.add(preferences);
            }

            @Override
            public void blockChanged(Envelope.BlockChanged changed) {
              told.add(changed);
            }

            @Override
            public void typing(Envelope.Typing typing) {
              told.add(typing);
            }

            @Override
            public void presence(Envelope.PresenceHint hint) {
              told.add(hint);
            }

            @Override
            public void disconnect(Envelope.Disconnect disconnect) {
              told.add(disconnect);
            }

            @Override
            public void gone(Envelope.Gone gone) {
              told.add(gone);
            }

            @Override
            public void doubt() {
              told.add("doubt");
            }

            @Override
            public void nodeDied(List<UserId> users) {
              told.add(users);
            }
          },
          codec,
          metrics);

  static List<Envelope> envelopes() {
    return EnvelopeCodecTest.envelopes();
  }

  @ParameterizedTest
  @MethodSource("envelopes")
  void everyEnvelopeIsPassedOnByItsKind(Envelope envelope) {
    receiver.onEnvelope(codec.encode(envelope));
    assertThat(told).containsExactly(envelope);
    assertThat(metrics.counters()).containsEntry("envelopes_received", 1L);
  }

  /** One of the mutations that nothing caught: what cannot be read may have told of a message. */
  @Test
  void anEnvelopeThatCannotBeReadIsAReasonToDoubt() {
    byte[] altered =
        codec.encode(new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.LEFT, 0));
    altered[altered.length - 1]++;
    receiver.onEnvelope(altered);
    receiver.onEnvelope(new byte[0]);
    assertThat(told).containsExactly("doubt", "doubt");
    assertThat(metrics.counters())
        .containsEntry("envelopes_unknown", 2L)
        .containsEntry("envelopes_received", 0L);
  }

  @Test
  void anEnvelopeOfAnotherStoreIsDroppedAndNoReasonToDoubt() {
    receiver.onEnvelope(
        new EnvelopeCodec("another")
            .encode(new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.LEFT, 0)));
    assertThat(told).isEmpty();
    assertThat(metrics.counters()).containsEntry("envelopes_foreign", 1L);
  }

  @Test
  void aNodeThatDiedIsSpokenForItsUsers() {
    Set<Topic> topics = new LinkedHashSet<>();
    topics.add(Topics.NODES);
    topics.add(Topics.user(UserId.of("ada")));
    topics.add(new Topic("user:")); // no user can be called that
    topics.add(new Topic("user:bell \u0007"));
    topics.add(Topics.group(ConversationId.of(1)));
    topics.add(Topics.user(UserId.of("bob")));
    receiver.onNodeDied("node", topics);
    assertThat(told).containsExactly(List.of(UserId.of("ada"), UserId.of("bob")));
    receiver.onDoubt();
    assertThat(told).endsWith("doubt");
  }

  @Test
  void groupsHaveATopicAndDirectConversationsThoseOfTheirUsers() {
    UserId ada = UserId.of("ada");
    UserId bob = UserId.of("bob");
    ConversationId id = ConversationId.of(7);
    assertThat(Topics.of(Conversation.direct(id, bob, ada, Instant.EPOCH)))
        .containsExactly(Topics.user(ada), Topics.user(bob));
    assertThat(Topics.of(Conversation.group(id, "group", Instant.EPOCH)))
        .containsExactly(Topics.group(id));
    assertThat(Set.of(Topics.user(ada), Topics.presence(ada), Topics.group(id), Topics.NODES))
        .hasSize(4);
    assertThat(Topics.userOf(Topics.user(bob))).isEqualTo(bob);
  }
}
