/**
 * The standalone server, thin over {@link chat.engine.ChatEngine}, speaks WebSocket and REST.
 * Nothing of it exists yet but this place in the build. It may depend on the engine; nothing may
 * depend on it.
 */
@NullMarked
package chat.server;

import org.jspecify.annotations.NullMarked;
