package chat.engine.internal.cluster;

import chat.engine.UserId;
import chat.engine.internal.runtime.Metrics;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decodes what comes from other nodes and passes it on by its kind. Thread-safe, never blocks. */
public final class EnvelopeReceiver implements Router.Receiver {
  private static final Logger log = LoggerFactory.getLogger(EnvelopeReceiver.class);

  private final EnvelopeHandler handler;
  private final EnvelopeCodec codec;
  private final Metrics metrics;

  public EnvelopeReceiver(EnvelopeHandler handler, EnvelopeCodec codec, Metrics metrics) {
    this.handler = handler;
    this.codec = codec;
    this.metrics = metrics;
  }

  @Override
  public void onEnvelope(byte[] payload) {
    @Nullable Envelope envelope;
    try {
      envelope = codec.decode(payload);
    } catch (IllegalArgumentException unknown) {
      metrics.count(Metrics.Counter.ENVELOPES_UNKNOWN);
      log.debug("an envelope cannot be read; what it said is found in the store", unknown);
      handler.doubt();
      return;
    }
    if (envelope == null) {
      metrics.count(Metrics.Counter.ENVELOPES_FOREIGN);
      return;
    }
    metrics.count(Metrics.Counter.ENVELOPES_RECEIVED);
    if (envelope instanceof Envelope.Committed committed) {
      handler.committed(committed);
    } else if (envelope instanceof Envelope.Changed changed) {
      handler.changed(changed);
    } else if (envelope instanceof Envelope.Created created) {
      handler.created(created);
    } else if (envelope instanceof Envelope.Receipt receipt) {
      handler.receipt(receipt);
    } else if (envelope instanceof Envelope.PreferencesSet preferences) {
      handler.preferences(preferences);
    } else if (envelope instanceof Envelope.OwnRead read) {
      handler.ownRead(read);
    } else if (envelope instanceof Envelope.PrivacySet set) {
      handler.privacySet(set);
    } else if (envelope instanceof Envelope.BlockChanged changed) {
      handler.blockChanged(changed);
    } else if (envelope instanceof Envelope.Typing typing) {
      handler.typing(typing);
    } else if (envelope instanceof Envelope.PresenceHint hint) {
      handler.presence(hint);
    } else if (envelope instanceof Envelope.Gone gone) {
      handler.gone(gone);
    } else if (envelope instanceof Envelope.Disconnect disconnect) {
      handler.disconnect(disconnect);
    }
  }

  @Override
  public void onDoubt() {
    handler.doubt();
  }

  @Override
  public void onNodeDied(String nodeId, Set<Topic> topics) {
    List<UserId> users = Topics.usersOf(topics);
    log.info("node {} died with {} users", nodeId, users.size());
    handler.nodeDied(users);
  }
}
