/**
 * Who may come in: accounts, passwords, logins with rotating refresh tokens, access tokens (own
 * ones, and those of an external issuer), one-time tickets, names of groups. All calls block on the
 * database or on hashing: never call them on an event loop. Refusals are {@link
 * chat.server.json.ApiException}s.
 */
@NullMarked
package chat.server.accounts;

import org.jspecify.annotations.NullMarked;
