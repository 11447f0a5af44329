/**
 * What happened in one run of {@link chat.engine.examples.FaultCheck}: the events as the driver saw
 * them, by its own monotonic clock, and what the database held at the end. Plain data that can be
 * written to a file and read back; knows nothing of the engine. Recording is thread-safe.
 */
@NullMarked
package chat.engine.examples.faultcheck.history;

import org.jspecify.annotations.NullMarked;
