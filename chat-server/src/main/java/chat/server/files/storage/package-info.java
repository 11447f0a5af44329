/**
 * Where the bytes of files lie: in a directory, or in a bucket of S3. Knows nothing of users,
 * messages or rows. Everything here blocks, on the threads of the callers.
 */
@NullMarked
package chat.server.files.storage;

import org.jspecify.annotations.NullMarked;
