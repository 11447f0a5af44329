/**
 * Webhooks: outgoing ones on durable feeds, the one that is asked before a message is stored, and
 * incoming ones, which post into a conversation. What an integration gives up is a dead letter.
 */
@NullMarked
package chat.server.webhooks;

import org.jspecify.annotations.NullMarked;
