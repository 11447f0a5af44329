/**
 * Makes small pictures of what users upload, which may be anything: bounded in pixels, in memory
 * and in time. Knows no files and no storage. What is here blocks.
 */
@NullMarked
package chat.server.files.picture;

import org.jspecify.annotations.NullMarked;
