/**
 * Search in messages: what a store implements, and the words of texts, which all stores cut and
 * compare in the same way. Knows the data of the API only. Apart from {@code MessageSearch},
 * everything here is immutable or a function, and runs on the thread of the caller.
 */
@NullMarked
package chat.engine.spi.search;

import org.jspecify.annotations.NullMarked;
