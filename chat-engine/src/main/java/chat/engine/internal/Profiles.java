package chat.engine.internal;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.spi.BlockStore;
import chat.engine.spi.ProfileStore;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The profiles of users, as others may see them: a block hides them both ways. Thread-safe; blocks
 * on the store.
 */
record Profiles(ProfileStore store, BlockStore blocks) {
  Profile update(UserId user, ProfileUpdate update) {
    return store.update(user, update);
  }

  /** One for each user, in the order of their ids. */
  List<Profile> shownTo(UserId reader, Set<UserId> users) {
    Map<UserId, Profile> found = store.find(users);
    Set<UserId> hidden = found.isEmpty() ? Set.of() : blocks.between(reader, found.keySet());
    return users.stream()
        .sorted()
        .map(
            user ->
                hidden.contains(user)
                    ? Profile.empty(user)
                    : found.getOrDefault(user, Profile.empty(user)))
        .toList();
  }
}
