/**
 * The parts of {@link chat.engine.examples.LocalCluster}: a cluster on this machine whose parts can
 * be broken and mended, a balancer, users who keep writing, and what the person at the terminal
 * sees. Uses {@code local} and {@code server}. Faults run on the thread of who asks for them; each
 * class says what else it runs.
 */
@NullMarked
package chat.engine.examples.cluster;

import org.jspecify.annotations.NullMarked;
