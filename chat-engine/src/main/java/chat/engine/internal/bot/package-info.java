/**
 * Bots on a durable feed: {@code BotConsumer} finds out whom a message asks, {@code BotAnswer} and
 * {@code GrowingAnswer} send what a bot says so that a repetition changes nothing.
 */
@NullMarked
package chat.engine.internal.bot;

import org.jspecify.annotations.NullMarked;
