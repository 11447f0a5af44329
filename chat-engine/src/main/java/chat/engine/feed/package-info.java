/**
 * Durable feeds: everything that was committed in the cluster, for code that must not miss any of
 * it, such as bots, webhooks, push or audit. {@link chat.engine.ChatEngine#feed} opens one. Depends
 * on the plain data of {@code chat.engine} only.
 */
@NullMarked
package chat.engine.feed;

import org.jspecify.annotations.NullMarked;
