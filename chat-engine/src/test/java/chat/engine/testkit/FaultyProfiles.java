package chat.engine.testkit;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.spi.ProfileStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The profiles of a {@link FaultyStore}. */
record FaultyProfiles(ProfileStore real, List<ActiveFaults> faults) implements ProfileStore {
  @Override
  public Profile update(UserId user, ProfileUpdate update) {
    return ActiveFaults.call(faults, StoreCall.WRITE, () -> real.update(user, update));
  }

  @Override
  public Map<UserId, Profile> find(Collection<UserId> users) {
    return ActiveFaults.call(faults, StoreCall.READ, () -> real.find(users));
  }
}
