/**
 * The wire protocol of chat for any WebSocket library: text frames in, text frames out. A host
 * opens a {@link chat.engine.protocol.ProtocolConnection} for each socket and tells it what comes
 * in; a {@link chat.engine.protocol.Transport} is what the connection writes to. What clients may
 * ask is a table of verbs, to which a host adds its own. Depends on the engine's API and on
 * Jackson; never blocks the threads that it is called on, except for verbs that say so.
 */
@NullMarked
package chat.engine.protocol;

import org.jspecify.annotations.NullMarked;
