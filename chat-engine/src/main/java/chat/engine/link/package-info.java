/**
 * What a node of any router does about a link to a server that fails: pauses between tries, a log
 * that says each cause once, and a thread that keeps up what the node has there. Knows neither
 * chat, nor a server; the routers use it. Not part of the API.
 */
@NullMarked
package chat.engine.link;

import org.jspecify.annotations.NullMarked;
