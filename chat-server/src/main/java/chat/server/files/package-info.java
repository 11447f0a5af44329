/**
 * Files that users upload and download: routes, rows and storage. Who may read a file follows from
 * the messages it was sent with. Everything here blocks, on threads of {@code chat.server.http},
 * but for thumbnails, which have a thread of their own.
 */
@NullMarked
package chat.server.files;

import org.jspecify.annotations.NullMarked;
