/**
 * Calls to HTTP servers of others: bounded in time and in size, without redirects, and signed where
 * the other side is to know who calls. Knows no chat.
 */
@NullMarked
package chat.server.outgoing;

import org.jspecify.annotations.NullMarked;
