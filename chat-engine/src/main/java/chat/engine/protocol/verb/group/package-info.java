/**
 * Verbs of groups and their members: create and change groups, add and remove members, give roles,
 * invite and join. Each verb is a stateless class that translates between requests and the engine's
 * API; it runs on the thread that brought the request and does not block. Not part of the API:
 * hosts use {@link chat.engine.protocol.verb.StandardVerbs}.
 */
@NullMarked
package chat.engine.protocol.verb.group;

import org.jspecify.annotations.NullMarked;
