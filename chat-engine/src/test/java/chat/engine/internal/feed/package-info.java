@NullMarked
package chat.engine.internal.feed;

import org.jspecify.annotations.NullMarked;
