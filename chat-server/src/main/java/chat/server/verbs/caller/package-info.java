/**
 * The account behind a connection, and the conversations that its client has already named. Every
 * verb of the server uses it. Nothing here blocks.
 */
@NullMarked
package chat.server.verbs.caller;

import org.jspecify.annotations.NullMarked;
