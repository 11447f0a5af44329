/**
 * How commands are declared, read and completed: each once, with its parameters, its line of help
 * and what it does; usage, help and completion follow from that. Knows no particular command. What
 * completes a line may be asked from any thread; all else runs on the terminal's.
 */
@NullMarked
package chat.engine.examples.console.command.syntax;

import org.jspecify.annotations.NullMarked;
