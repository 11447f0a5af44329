/**
 * Verbs of groups with members by name: create and change groups, add, remove, ban and silence
 * members, give roles. They run on the thread that brought the request; what needs the database
 * runs on the server's blocking threads.
 */
@NullMarked
package chat.server.verbs.group;

import org.jspecify.annotations.NullMarked;
