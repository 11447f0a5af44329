/**
 * Verbs of a user's conversations: synchronize them, open a direct one, move receipts, and set
 * preferences. Each verb is a stateless class that translates between requests and the engine's
 * API; it runs on the thread that brought the request and does not block. Not part of the API:
 * hosts use {@link chat.engine.protocol.verb.StandardVerbs}.
 */
@NullMarked
package chat.engine.protocol.verb.conversation;

import org.jspecify.annotations.NullMarked;
