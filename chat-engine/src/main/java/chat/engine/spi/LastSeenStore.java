package chat.engine.spi;

import chat.engine.UserId;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * When users were last seen online. Thread-safety, blocking and errors as for {@link MessageStore}.
 */
public interface LastSeenStore {
  /** Notes times; an earlier one than is known changes nothing. */
  void record(Map<UserId, Instant> seen);

  /** The known times of these users, in milliseconds; no entry for one who was never seen. */
  Map<UserId, Instant> find(Collection<UserId> users);
}
