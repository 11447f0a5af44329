/**
 * What a session's listener receives: one sealed family, {@link chat.engine.event.ChatEvent}.
 * Depends on the plain data of {@code chat.engine} only. Events are immutable and shared by all
 * their recipients on a node; they are delivered on the engine's delivery threads.
 */
@NullMarked
package chat.engine.event;

import org.jspecify.annotations.NullMarked;
