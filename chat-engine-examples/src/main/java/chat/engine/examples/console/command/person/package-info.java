/**
 * Commands about other people, and about oneself: contacts, blocks, profiles, privacy and logins.
 * Run on the terminal's thread and block until the server has answered.
 */
@NullMarked
package chat.engine.examples.console.command.person;

import org.jspecify.annotations.NullMarked;
