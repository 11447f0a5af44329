/**
 * The parts of {@link chat.engine.examples.ConsoleChat}: what the person types, and what they see.
 * Uses {@code server}. Commands run on the terminal's thread, events on the connection's.
 */
@NullMarked
package chat.engine.examples.console;

import org.jspecify.annotations.NullMarked;
