package chat.engine;

import java.time.Instant;

/**
 * A member of a conversation and how far they have come.
 *
 * @param joinedSeq seq of the last message before this membership began; 0 for those who founded
 *     the conversation
 * @param joinedRev rev of the change that began this membership; 0 for those who founded the
 *     conversation
 * @param readSeq all messages up to this seq are read; 0 for none
 * @param receivedSeq all messages up to this seq have reached a device; never below readSeq
 */
public record Member(
    UserId user,
    Role role,
    Instant joinedAt,
    long joinedSeq,
    long joinedRev,
    long readSeq,
    long receivedSeq) {}
