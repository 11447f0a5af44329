/**
 * One connection: what belongs in its stream, what waits for its listener, and who is connected to
 * this node. May depend on {@code util} and {@code runtime}; knows neither feeds nor the cluster.
 * Listeners run on the delivery threads; the monitor of a session is held for look-ups only.
 */
@NullMarked
package chat.engine.internal.session;

import org.jspecify.annotations.NullMarked;
