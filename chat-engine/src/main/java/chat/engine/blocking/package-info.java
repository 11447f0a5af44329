/**
 * The engine for callers that may wait: the same calls as in {@code chat.engine}, which return what
 * a future would complete with and throw the {@link chat.engine.ChatException} that it would fail
 * with. For virtual threads, scripts and tests. Depends on {@code chat.engine} only; every call
 * blocks its own thread and no other.
 */
@NullMarked
package chat.engine.blocking;

import org.jspecify.annotations.NullMarked;
