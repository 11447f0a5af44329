/**
 * The world outside of a chat-server under faults: receivers of webhooks and providers of bots that
 * fail, servers that are killed and stopped, users who write and ask. Uses {@code server}, {@code
 * local} and the rest of {@code faultcheck}.
 */
@NullMarked
package chat.engine.examples.faultcheck.outside;

import org.jspecify.annotations.NullMarked;
