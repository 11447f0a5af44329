/**
 * What the checks decide on: the calls of a history with their outcomes, the sessions with what
 * each was told, memberships, absences, settings, reactions and times without faults; and what a
 * check is and finds. Knows only {@code history}; stateless or filled once, runs on the caller's
 * thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check.evidence;

import org.jspecify.annotations.NullMarked;
