/**
 * The engine behind {@link chat.engine.ChatEngine}: commit pipeline, conversation feeds, sessions,
 * presence, repair. Knows the API and the SPIs, never an implementation of them. Each class says
 * which of the engine's threads it runs on.
 */
@NullMarked
package chat.engine.internal;

import org.jspecify.annotations.NullMarked;
