/** What REST and WebSocket requests have in common in their addresses. Depends on nothing. */
@NullMarked
package chat.server.uri;

import org.jspecify.annotations.NullMarked;
