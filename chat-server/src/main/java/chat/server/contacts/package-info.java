/**
 * Contacts of accounts, the requests for them, and the policy that decides who may talk to whom.
 * All calls block on the database: never call them on an event loop.
 */
@NullMarked
package chat.server.contacts;

import org.jspecify.annotations.NullMarked;
