/**
 * Whom the server knows: the accounts of people and bots, their passwords, the last administrator,
 * and erasure. How users come in is in {@link chat.server.accounts.login}. All calls block on the
 * database or on hashing: never call them on an event loop. Refusals are {@link
 * chat.server.json.ApiException}s.
 */
@NullMarked
package chat.server.accounts;

import org.jspecify.annotations.NullMarked;
