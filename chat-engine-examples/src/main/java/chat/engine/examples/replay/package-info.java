/**
 * The parts of {@link chat.engine.examples.ReplayLog}: the log, and users of an engine or of a
 * chat-server who send it and compare what each of them saw. Uses {@code server} and {@code local}.
 * Each class says which thread runs it.
 */
@NullMarked
package chat.engine.examples.replay;

import org.jspecify.annotations.NullMarked;
