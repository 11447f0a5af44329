/**
 * Durable feeds for consumers: {@code FeedRunner} follows one feed on a thread of its own, {@code
 * FeedReader} puts what is behind a cursor in order, {@code Backlog} knows which conversations have
 * something. Without an open feed nothing here runs, and no write does anything for it. Depends on
 * the store, {@code runtime} and {@code util} only.
 */
@NullMarked
package chat.engine.internal.consumer;

import org.jspecify.annotations.NullMarked;
