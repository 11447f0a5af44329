/**
 * What {@link chat.engine.examples.ConsoleChat} knows: conversations with what was seen in them,
 * people, who types, and what is not sent yet. Nothing here prints or asks the server. All of it is
 * thread-safe: commands use it on the terminal's thread, events on the connection's.
 */
@NullMarked
package chat.engine.examples.console.model;

import org.jspecify.annotations.NullMarked;
