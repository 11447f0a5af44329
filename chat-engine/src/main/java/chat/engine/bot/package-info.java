/**
 * Bots: users of the chat that a program speaks for. {@link chat.engine.ChatEngine#bots} starts
 * them, on a durable feed. Depends on the plain data of {@code chat.engine} only.
 */
@NullMarked
package chat.engine.bot;

import org.jspecify.annotations.NullMarked;
