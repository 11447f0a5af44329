/**
 * What {@link chat.engine.examples.StoreBench} compares the engine with: the same work in bare
 * JDBC. Knows nothing of the engine; runs on threads of its own while a measurement lasts.
 */
@NullMarked
package chat.engine.examples.bench;

import org.jspecify.annotations.NullMarked;
