/**
 * What {@link chat.engine.examples.ConsoleChat} shows: lines above the one that is being typed, and
 * a status beside it. Text of others passes through {@link
 * chat.engine.examples.console.screen.SafeText} before it reaches the terminal. Thread-safe.
 */
@NullMarked
package chat.engine.examples.console.screen;

import org.jspecify.annotations.NullMarked;
