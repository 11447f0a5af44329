package chat.engine;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whether a user has a session on any node.
 *
 * @param lastSeenAt when the user was last known to go offline; null if online or never seen
 */
public record Presence(UserId user, boolean online, @Nullable Instant lastSeenAt) {}
