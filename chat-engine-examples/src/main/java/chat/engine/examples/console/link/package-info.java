/**
 * Between {@link chat.engine.examples.ConsoleChat} and the server: what is asked and sent, and what
 * events change on the screen. Uses {@code model}, {@code screen} and the examples' {@code server}.
 */
@NullMarked
package chat.engine.examples.console.link;

import org.jspecify.annotations.NullMarked;
