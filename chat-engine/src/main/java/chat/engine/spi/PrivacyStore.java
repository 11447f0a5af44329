package chat.engine.spi;

import chat.engine.Experimental;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * What users let others see. Thread-safety, blocking and errors as for {@link MessageStore}.
 *
 * <p>To show read receipts again is a write in the user's conversations: {@link
 * MessageStore#writesSince} tells it as it tells a receipt, so that all nodes show how far the user
 * is. It does so for the {@link #MOST_SHOWN_AGAIN} conversations that were active last.
 */
@Experimental
public interface PrivacyStore {
  /** Conversations in which the receipts of a user are shown again at once. */
  int MOST_SHOWN_AGAIN = 1_000;

  /** The shortest time from showing receipts again to the next time. */
  Duration SHOWN_AGAIN_PERIOD = Duration.ofSeconds(10);

  /** What became of a change. */
  sealed interface SetOutcome {
    /**
     * @param now as it is after the change
     * @param changed false if it was so before
     */
    record Done(Privacy now, boolean changed) implements SetOutcome {}

    /**
     * The receipts were shown again less than {@link #SHOWN_AGAIN_PERIOD} ago; nothing is changed.
     *
     * @param retryAfter how long to wait
     */
    record TooSoon(Duration retryAfter) implements SetOutcome {}
  }

  /**
   * Changes the settings of a user.
   *
   * @param now the time, by which {@link SetOutcome.TooSoon} is decided
   */
  SetOutcome set(UserId user, PrivacyEdit edit, Instant now);

  /**
   * The settings of these users; no entry for one who has never changed anything.
   *
   * @param users a few thousand at most
   */
  Map<UserId, Privacy> find(Collection<UserId> users);

  /** Those of the others with whom the user shares a direct conversation. */
  Set<UserId> directPeers(UserId user, Set<UserId> others);
}
