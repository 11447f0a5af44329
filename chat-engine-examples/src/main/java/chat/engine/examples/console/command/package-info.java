/**
 * What can be typed in {@link chat.engine.examples.ConsoleChat}, declared with what is in {@link
 * chat.engine.examples.console.command.syntax}. Commands run on the terminal's thread and block
 * until the server has answered.
 */
@NullMarked
package chat.engine.examples.console.command;

import org.jspecify.annotations.NullMarked;
