/**
 * Announcements: a sentence of the operator that every signed-in user sees until it ends or is
 * withdrawn. What is stored, what a node shows, and what each of its connections was told. The
 * table is read and written on threads that may block; connections are told on any thread.
 */
@NullMarked
package chat.server.announcements;

import org.jspecify.annotations.NullMarked;
