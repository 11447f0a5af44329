package chat.engine.spi;

import chat.engine.Experimental;
import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import java.util.Collection;
import java.util.Map;

/**
 * How users are shown to others. Thread-safety, blocking and errors as for {@link MessageStore}.
 */
@Experimental
public interface ProfileStore {
  /**
   * Changes the profile of a user. Of two changes of a field the later one stays, and changes of
   * different fields do not undo each other.
   *
   * @return the profile as it is now
   */
  Profile update(UserId user, ProfileUpdate update);

  /**
   * The profiles of these users; no entry for one who has set nothing.
   *
   * @param users a few hundred at most
   */
  Map<UserId, Profile> find(Collection<UserId> users);
}
