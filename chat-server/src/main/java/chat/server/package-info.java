/**
 * The standalone server, thin over {@link chat.engine.ChatEngine}: WebSocket and REST, accounts and
 * contacts. It may depend on the engine; nothing may depend on it.
 */
@NullMarked
package chat.server;

import org.jspecify.annotations.NullMarked;
