/** Tests of whole engines: durable feeds. */
@NullMarked
package chat.engine.feed;

import org.jspecify.annotations.NullMarked;
