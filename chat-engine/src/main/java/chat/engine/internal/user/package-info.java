/**
 * The life cycle of a user's data: erasing and renaming users, and deleting what they wrote. Works
 * on the store threads, one bounded transaction at a time. Knows the store, the directory and the
 * announcer; nothing but the composition knows this.
 */
@NullMarked
package chat.engine.internal.user;

import org.jspecify.annotations.NullMarked;
