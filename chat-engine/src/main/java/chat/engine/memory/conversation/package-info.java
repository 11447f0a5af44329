/**
 * Conversations in memory: their messages, members, pins, reactions, receipts and invites, and the
 * log of their writes. Knows the SPIs only. Everything is guarded by the lock of the store that
 * owns it, and runs on the thread of the caller. Not part of the API.
 */
@NullMarked
package chat.engine.memory.conversation;

import org.jspecify.annotations.NullMarked;
