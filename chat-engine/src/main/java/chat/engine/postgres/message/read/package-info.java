/**
 * Messages as they are read: pages of a conversation, changed messages, pins and reactions. Nothing
 * here writes or locks messages. Every call blocks on the thread of the caller. Not part of the
 * API.
 */
@NullMarked
package chat.engine.postgres.message.read;

import org.jspecify.annotations.NullMarked;
