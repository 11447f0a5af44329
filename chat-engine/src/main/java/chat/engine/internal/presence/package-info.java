/**
 * Who is online and who is typing, and who is told. {@link
 * chat.engine.internal.presence.PresenceTracker} and {@link
 * chat.engine.internal.presence.TypingTracker} are the way in; what a session was told of presence
 * is kept in the session. May use the feeds, the sessions, the cluster and what lies below; hooks
 * and the composition may use it. One thread, used by nothing else, asks the router; the timers
 * only tick, and the store is called on the store threads.
 */
@NullMarked
package chat.engine.internal.presence;

import org.jspecify.annotations.NullMarked;
