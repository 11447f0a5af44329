/**
 * The driver of {@link chat.engine.examples.FaultCheck}: leads a cluster through one seed after the
 * other, and reports. Uses the packages below, which say what they are for. Each cluster has a
 * thread.
 */
@NullMarked
package chat.engine.examples.faultcheck;

import org.jspecify.annotations.NullMarked;
