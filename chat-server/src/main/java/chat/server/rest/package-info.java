/**
 * What REST offers, a class for each feature: accounts, contacts, groups and messages with the
 * paths and fields of chat-be, and the state of the node. May depend on every feature; only the
 * composition depends on it. Handlers run on threads of {@link chat.server.http.HttpEndpoint} and
 * may block.
 */
@NullMarked
package chat.server.rest;

import org.jspecify.annotations.NullMarked;
