/**
 * Web Push (RFC 8030, 8291 and 8292): what a browser registers, and what is sent to it. Depends on
 * the rest of push by {@link chat.server.push.PushSender} and what that is given only.
 */
@NullMarked
package chat.server.push.browser;

import org.jspecify.annotations.NullMarked;
