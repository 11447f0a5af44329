/**
 * The verbs that this library has, a class each in the packages below, and the sets of {@link
 * chat.engine.protocol.verb.StandardVerbs}. They translate between requests and the engine's API
 * and know nothing else; they run on the thread that brought the request and do not block.
 */
@NullMarked
package chat.engine.protocol.verb;

import org.jspecify.annotations.NullMarked;
