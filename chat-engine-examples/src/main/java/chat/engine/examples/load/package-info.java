/**
 * The parts of {@link chat.engine.examples.LoadGenerator} and {@link
 * chat.engine.examples.ServerBench}: many WebSocket users on one thread, and their histograms. Uses
 * {@code server}.
 */
@NullMarked
package chat.engine.examples.load;

import org.jspecify.annotations.NullMarked;
