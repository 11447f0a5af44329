/** What a store needs for durable feeds: an optional part of it. */
@NullMarked
package chat.engine.spi.feed;

import org.jspecify.annotations.NullMarked;
