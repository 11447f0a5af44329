/**
 * The engine put together: {@link chat.engine.internal.Parts} makes the parts, {@link
 * chat.engine.internal.Engine} starts and ends them, and the handles are what callers hold. Nothing
 * else lives here. May depend on every other package; none but the builder depends on this one.
 */
@NullMarked
package chat.engine.internal;

import org.jspecify.annotations.NullMarked;
