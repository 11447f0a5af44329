package chat.engine.internal;

import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.event.SessionEnded;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.EnvelopeHandler;
import chat.engine.internal.cluster.StoreComparison;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.presence.HiddenPresence;
import chat.engine.internal.presence.PresenceTracker;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.privacy.OwnPrivacy;
import chat.engine.internal.session.SessionRegistry;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what comes from other nodes to the part that it concerns. Thread-safe, never blocks. */
record ClusterInbox(
    SessionRegistry registry,
    ShardedFeeds feeds,
    ConversationDirectory directory,
    TypingTracker typists,
    PresenceTracker presences,
    HiddenPresence hidden,
    OwnPrivacy privacy,
    StoreComparison comparison,
    Duration presenceGrace)
    implements EnvelopeHandler {
  private static final Logger log = LoggerFactory.getLogger(ClusterInbox.class);

  @Override
  public void committed(Envelope.Committed committed) {
    typists.wrote(committed.conversation(), committed.message().from());
    feeds.arrived(
        List.of(
            new CommittedMessage(
                committed.conversation(), committed.message(), committed.membersRev())));
  }

  @Override
  public void changed(Envelope.Changed changed) {
    directory.follow(changed.conversation(), changed.change());
    feeds.changed(changed.conversation(), changed.change());
  }

  @Override
  public void created(Envelope.Created created) {
    feeds.created(created.conversation(), created.members());
  }

  @Override
  public void receipt(Envelope.Receipt receipt) {
    ReceiptMoved event =
        new ReceiptMoved(
            receipt.conversation().id(), receipt.user(), receipt.kind(), receipt.seq());
    feeds.membersAt(receipt.conversation(), receipt.membersRev());
    feeds.receipt(receipt.conversation(), event, null);
  }

  @Override
  public void ownRead(Envelope.OwnRead read) {
    feeds.membersAt(read.conversation(), read.membersRev());
    feeds.ownRead(
        read.conversation(),
        new ReceiptMoved(read.conversation().id(), read.user(), ReceiptKind.READ, read.seq()),
        null);
  }

  @Override
  public void preferences(Envelope.PreferencesSet preferences) {
    feeds.membersAt(preferences.conversation(), preferences.membersRev());
    feeds.preferences(preferences.conversation(), preferences.member(), null);
  }

  @Override
  public void blockChanged(Envelope.BlockChanged changed) {
    var unused = hidden.blockChanged(changed.one(), changed.other());
  }

  @Override
  public void privacySet(Envelope.PrivacySet set) {
    privacy.changed(set.user(), set.privacy(), null);
    hidden.privacyChanged(set.user());
  }

  @Override
  public void typing(Envelope.Typing typing) {
    feeds.membersAt(typing.conversation(), typing.membersRev());
    typists.changed(typing.conversation(), typing.user(), typing.on());
  }

  @Override
  public void presence(Envelope.PresenceHint hint) {
    presences.hinted(hint);
  }

  @Override
  public void disconnect(Envelope.Disconnect disconnect) {
    registry.end(
        disconnect.user(),
        new SessionEnded(
            SessionEnded.Reason.DISCONNECTED, Duration.ZERO, disconnect.explanation()));
  }

  @Override
  public void gone(Envelope.Gone gone) {
    registry.end(gone.user(), new SessionEnded(SessionEnded.Reason.GONE, Duration.ZERO));
  }

  @Override
  public void doubt() {
    log.debug("envelopes may be missing; comparing with the store");
    comparison.soon();
    presences.doubt();
  }

  @Override
  public void nodeDied(List<UserId> users) {
    presences.nodeDied(users, presenceGrace);
  }
}
