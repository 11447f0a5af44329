package chat.engine.internal.cluster;

import chat.engine.UserId;
import java.util.List;

/**
 * What a node does with what comes from the cluster, one method for each kind of envelope. Called
 * on the router's threads: must not block and must not throw.
 */
public interface EnvelopeHandler {
  void committed(Envelope.Committed committed);

  void changed(Envelope.Changed changed);

  void created(Envelope.Created created);

  void receipt(Envelope.Receipt receipt);

  void ownRead(Envelope.OwnRead read);

  void preferences(Envelope.PreferencesSet preferences);

  void blockChanged(Envelope.BlockChanged changed);

  void privacySet(Envelope.PrivacySet set);

  void typing(Envelope.Typing typing);

  void presence(Envelope.PresenceHint hint);

  void disconnect(Envelope.Disconnect disconnect);

  void gone(Envelope.Gone gone);

  /** Envelopes may be missing. */
  void doubt();

  /** Another node died; this one speaks for its users. */
  void nodeDied(List<UserId> users);
}
