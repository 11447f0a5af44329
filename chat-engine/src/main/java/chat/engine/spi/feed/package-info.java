/**
 * What a store needs for durable feeds, an optional part of it: {@link
 * chat.engine.spi.feed.FeedStore} keeps which feeds there are, which node follows each, and how far
 * it is. Knows the plain data of {@code chat.engine} and {@code chat.engine.spi} only. All calls
 * are synchronous and may block; the engine makes them on the thread of each feed.
 */
@NullMarked
package chat.engine.spi.feed;

import org.jspecify.annotations.NullMarked;
