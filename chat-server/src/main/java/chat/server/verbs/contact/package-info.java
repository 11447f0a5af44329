/**
 * Verbs of contacts: add and remove contacts, list them and the open requests, and block users by
 * name. They run on the thread that brought the request; what needs the database runs on the
 * server's blocking threads.
 */
@NullMarked
package chat.server.verbs.contact;

import org.jspecify.annotations.NullMarked;
