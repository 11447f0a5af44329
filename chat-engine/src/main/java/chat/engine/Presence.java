package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a user has a session on any node, or had one within the presence grace. Immutable.
 *
 * @param lastSeenAt when the user was last known to go offline, by the clock of the store, in
 *     milliseconds; null if online or never seen
 */
public record Presence(UserId user, boolean online, @Nullable Instant lastSeenAt) {}
