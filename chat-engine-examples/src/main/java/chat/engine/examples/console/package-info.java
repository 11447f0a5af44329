/**
 * The parts of {@link chat.engine.examples.ConsoleChat}: signing in, the line that is typed, and
 * the loop that runs it. Uses the packages below and {@code server}. Commands run on the terminal's
 * thread, events on the connection's.
 */
@NullMarked
package chat.engine.examples.console;

import org.jspecify.annotations.NullMarked;
