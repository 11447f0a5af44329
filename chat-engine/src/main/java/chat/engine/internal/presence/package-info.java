/**
 * Who is online and who is typing. May depend on {@code feed}, {@code cluster} and below. Timers
 * only collect and hand over; the router and the store are asked on the store threads.
 */
@NullMarked
package chat.engine.internal.presence;

import org.jspecify.annotations.NullMarked;
