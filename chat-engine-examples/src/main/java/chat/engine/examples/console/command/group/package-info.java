/**
 * Commands about groups: members, roles, bans, silences and invite links. Run on the terminal's
 * thread and block until the server has answered; events tell all members what came of them.
 */
@NullMarked
package chat.engine.examples.console.command.group;

import org.jspecify.annotations.NullMarked;
