/**
 * The writes that wait for their commit: sends, edits and deletions, reactions and pins, each with
 * the future of its caller, and the lines in which they wait. Knows {@code conversation}, {@code
 * group} and what is below them, not the lanes and the committer in {@code send}. Everything is
 * thread-safe; futures are completed on the answer threads.
 */
@NullMarked
package chat.engine.internal.send.pending;

import org.jspecify.annotations.NullMarked;
