package chat.engine.testkit;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.spi.ProfileStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The profiles of a {@link FaultyStore}. */
record FaultyProfiles(ProfileStore real, List<ActiveFaults> faults)
    implements ProfileStore, FaultyCalls {
  @Override
  public Profile update(UserId user, ProfileUpdate update) {
    return write(() -> real.update(user, update));
  }

  @Override
  public Map<UserId, Profile> find(Collection<UserId> users) {
    return read(() -> real.find(users));
  }
}
