/**
 * Faults of the cluster under test: which there are, when a run has which of them, and how they are
 * made. Uses {@code world} and {@code history}. Each fault of a run has a thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.fault;

import org.jspecify.annotations.NullMarked;
