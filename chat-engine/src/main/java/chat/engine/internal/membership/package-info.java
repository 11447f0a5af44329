/**
 * Groups whose members the application's own data names: which these are, how the application is
 * asked, and what its answer changes. May depend on {@code conversation}, {@code hook} and what is
 * below them. Runs on the thread that runs the transaction, which blocks while the application is
 * asked on a thread for hooks.
 */
@NullMarked
package chat.engine.internal.membership;

import org.jspecify.annotations.NullMarked;
