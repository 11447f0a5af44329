/**
 * Verbs of messages: send, edit, delete, react, pin, read a page, search, and say that one is
 * typing. Each verb is a stateless class that translates between requests and the engine's API; it
 * runs on the thread that brought the request and does not block. Not part of the API: hosts use
 * {@link chat.engine.protocol.verb.StandardVerbs}.
 */
@NullMarked
package chat.engine.protocol.verb.message;

import org.jspecify.annotations.NullMarked;
