/**
 * What can be typed in {@link chat.engine.examples.ConsoleChat}. Each command is declared once,
 * with its parameters, its line of help and what it does; usage, help and completion follow from
 * that. Commands run on the terminal's thread and block until the server has answered.
 */
@NullMarked
package chat.engine.examples.console.command;

import org.jspecify.annotations.NullMarked;
