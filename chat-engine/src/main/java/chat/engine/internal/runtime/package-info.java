/**
 * What every room of the engine stands on: counters, errors, the clock, the threads for the store
 * and for code of the application. May depend on {@code util}, the API and the SPIs. Code of the
 * application runs on the threads of {@link chat.engine.internal.runtime.Answers} and {@link
 * chat.engine.internal.runtime.ElasticPool} only.
 */
@NullMarked
package chat.engine.internal.runtime;

import org.jspecify.annotations.NullMarked;
