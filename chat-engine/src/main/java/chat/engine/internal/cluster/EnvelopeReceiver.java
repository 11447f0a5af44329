package chat.engine.internal.cluster;

import chat.engine.UserId;
import chat.engine.internal.conversation.ReceiptWriter;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.presence.PresenceTracker;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.runtime.Metrics;
import chat.engine.spi.Router;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what comes from other nodes and hands it to the part that it concerns. Thread-safe; does
 * not block.
 */
public final class EnvelopeReceiver implements Router.Receiver {
  private static final Logger log = LoggerFactory.getLogger(EnvelopeReceiver.class);

  private final ShardedFeeds feeds;
  private final TypingTracker typing;
  private final PresenceTracker presence;
  private final StoreComparison repairer;
  private final Duration presenceGrace;
  private final InstantSource clock;
  private final Metrics metrics;

  public EnvelopeReceiver(
      ShardedFeeds feeds,
      TypingTracker typing,
      PresenceTracker presence,
      StoreComparison repairer,
      Duration presenceGrace,
      InstantSource clock,
      Metrics metrics) {
    this.feeds = feeds;
    this.typing = typing;
    this.presence = presence;
    this.repairer = repairer;
    this.presenceGrace = presenceGrace;
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public void onEnvelope(byte[] payload) {
    Envelope envelope;
    try {
      envelope = EnvelopeCodec.decode(payload);
    } catch (IllegalArgumentException unknown) {
      metrics.count(Metrics.Counter.ENVELOPES_UNKNOWN);
      log.debug("an envelope of another version; what it said is read from the store", unknown);
      repairer.doubt(clock.instant());
      return;
    }
    metrics.count(Metrics.Counter.ENVELOPES_RECEIVED);
    if (envelope instanceof Envelope.Committed committed) {
      ShardedFeeds.Arrival arrival =
          new ShardedFeeds.Arrival(
              committed.conversation(), committed.message(), committed.membersRev());
      if (!feeds.received(arrival)) {
        metrics.count(Metrics.Counter.ENVELOPES_DROPPED);
        repairer.doubt(committed.message().createdAt());
      }
    } else if (envelope instanceof Envelope.Changed changed) {
      feeds.changed(changed.conversation(), changed.change());
    } else if (envelope instanceof Envelope.Created created) {
      feeds.created(created.conversation(), created.members());
    } else if (envelope instanceof Envelope.Receipt receipt) {
      ReceiptWriter.show(
          feeds, receipt.conversation(), receipt.user(), receipt.kind(), receipt.seq(), null);
    } else if (envelope instanceof Envelope.Typing typist) {
      typing.changed(typist.conversation(), typist.user(), typist.on(), null);
    } else if (envelope instanceof Envelope.PresenceHint hint) {
      presence.suspect(hint.users(), Duration.ofMillis(hint.delayMillis()));
    } else if (envelope instanceof Envelope.Repair repair) {
      repairer.doubt(repair.since());
    }
  }

  @Override
  public void onDoubt(Instant since) {
    log.info("envelopes since {} may be missing; asking the store", since);
    repairer.doubt(since);
    presence.suspectAll();
  }

  @Override
  public void onNodeDied(String nodeId, Set<Topic> topics) {
    List<UserId> users = topics.stream().filter(Topics::isUser).map(Topics::userOf).toList();
    log.info("node {} died with {} users", nodeId, users.size());
    presence.nodeDied(users, presenceGrace);
  }
}
