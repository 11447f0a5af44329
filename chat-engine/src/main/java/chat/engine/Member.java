package chat.engine;

import java.time.Instant;

/**
 * A member of a conversation and how far they have come.
 *
 * @param readSeq all messages up to this seq are read; 0 for none
 * @param receivedSeq all messages up to this seq have reached a device; never below readSeq
 */
public record Member(UserId user, Role role, Instant joinedAt, long readSeq, long receivedSeq) {}
