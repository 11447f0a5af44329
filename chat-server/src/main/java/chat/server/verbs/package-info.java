/**
 * What clients can ask of this server beside the engine's own verbs, a class each: users and groups
 * by name, with the rules of the server, and contacts. Verbs run on the thread that brought the
 * request; what needs the database runs on the server's blocking threads.
 */
@NullMarked
package chat.server.verbs;

import org.jspecify.annotations.NullMarked;
