/**
 * Commands about messages and their files, and those that find them. Run on the terminal's thread
 * and block until the server has answered.
 */
@NullMarked
package chat.engine.examples.console.command.message;

import org.jspecify.annotations.NullMarked;
