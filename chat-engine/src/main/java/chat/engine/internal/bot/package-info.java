/**
 * Bots on a durable feed: {@code BotConsumer} finds out whom a message asks, {@code BotAnswer} and
 * {@code GrowingAnswer} send what a bot says so that a repetition changes nothing. Depends on the
 * API and {@code .util} only: a bot sends and edits as any user does. Bots are asked on the threads
 * of the application, as consumers of feeds are; no call here waits for an answer.
 */
@NullMarked
package chat.engine.internal.bot;

import org.jspecify.annotations.NullMarked;
