/**
 * What accounts and the engine do together: direct conversations between contacts, groups by name,
 * and feeds of all messages for those who need one. REST and WebSocket both call it. Blocks;
 * refusals are {@link chat.server.json.ApiException}s.
 */
@NullMarked
package chat.server.conversations;

import org.jspecify.annotations.NullMarked;
