/** Tests of the storages of files, S3 among them by an implementation of it in this process. */
@NullMarked
package chat.server.files.storage;

import org.jspecify.annotations.NullMarked;
