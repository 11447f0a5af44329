/**
 * Groups: who may do what in them by role, how the application's hooks are asked, members, bans and
 * invites. May depend on {@code conversation} and what is below it. The rules run on the store
 * threads.
 */
@NullMarked
package chat.engine.internal.group;

import org.jspecify.annotations.NullMarked;
