package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a user has a session on any node, or had one within the presence grace. Immutable.
 *
 * @param lastSeenAt when the last session of the user ended, or its node was found dead, by the
 *     clock of the store, in milliseconds; null if online, hidden or never seen
 */
public record Presence(UserId user, boolean online, @Nullable Instant lastSeenAt) {}
