/**
 * How users come in: logins with rotating refresh tokens, access tokens (own ones, and those of an
 * external issuer), one-time tickets, and suspensions, which end all of them. Builds on accounts,
 * which know nothing of it. Calls block on the database, on hashing or on the issuer, unless they
 * say otherwise: never call those on an event loop. Refusals are {@link
 * chat.server.json.ApiException}s.
 */
@NullMarked
package chat.server.accounts.login;

import org.jspecify.annotations.NullMarked;
