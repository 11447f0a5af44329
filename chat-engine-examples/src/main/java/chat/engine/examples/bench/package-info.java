/**
 * What {@link chat.engine.examples.StoreBench} compares the engine with: the same work in bare
 * JDBC. Knows nothing of the engine; starts its own threads for the time of a measurement.
 */
@NullMarked
package chat.engine.examples.bench;

import org.jspecify.annotations.NullMarked;
