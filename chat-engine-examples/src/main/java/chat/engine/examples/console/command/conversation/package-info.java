/**
 * Commands about conversations as a whole: which one is open, and how the user sees it. Run on the
 * terminal's thread and block until the server has answered.
 */
@NullMarked
package chat.engine.examples.console.command.conversation;

import org.jspecify.annotations.NullMarked;
