package chat.engine.testkit;

import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import chat.engine.spi.PrivacyStore;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The privacy settings of a {@link FaultyStore}. */
record FaultyPrivacy(PrivacyStore real, List<ActiveFaults> faults)
    implements PrivacyStore, FaultyCalls {
  @Override
  public SetOutcome set(UserId user, PrivacyEdit edit, Instant now) {
    return write(() -> real.set(user, edit, now));
  }

  @Override
  public Map<UserId, Privacy> find(Collection<UserId> users) {
    return read(() -> real.find(users));
  }

  @Override
  public Set<UserId> directPeers(UserId user, Set<UserId> others) {
    return read(() -> real.directPeers(user, others));
  }
}
