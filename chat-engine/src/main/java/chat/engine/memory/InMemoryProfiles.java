package chat.engine.memory;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.spi.ProfileStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Profiles in memory. */
final class InMemoryProfiles implements ProfileStore {
  private final Map<UserId, Profile> profiles = new ConcurrentHashMap<>();

  /**
   * Lets another user take the place of one.
   *
   * @param replacement null to forget the profile
   */
  void replace(UserId user, @Nullable UserId replacement) {
    Profile before = profiles.remove(user);
    if (before != null && replacement != null) {
      profiles.put(replacement, new Profile(replacement, before.displayName(), before.avatarUrl()));
    }
  }

  boolean knows(UserId user) {
    return profiles.containsKey(user);
  }

  @Override
  public Profile update(UserId user, ProfileUpdate update) {
    return profiles.compute(
        user, (id, before) -> update.applyTo(before == null ? Profile.empty(id) : before));
  }

  @Override
  public Map<UserId, Profile> find(Collection<UserId> users) {
    Map<UserId, Profile> found = new HashMap<>();
    for (UserId user : users) {
      Profile profile = profiles.getOrDefault(user, Profile.empty(user));
      if (!profile.equals(Profile.empty(user))) {
        found.put(user, profile);
      }
    }
    return found;
  }
}
