/**
 * What a device missed: reads where a user's conversations stand when a session connects or syncs,
 * and bounds the answer. May depend on {@code feed} and below. Runs on the store threads.
 */
@NullMarked
package chat.engine.internal.sync;

import org.jspecify.annotations.NullMarked;
