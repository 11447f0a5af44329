/**
 * The chat engine as its embedder sees it: {@link chat.engine.ChatEngine}, sessions, typed ids,
 * messages and errors. Depends on nothing but its sub-packages {@code bot}, {@code event}, {@code
 * feed}, {@code hook} and {@code spi}; no type of a database, a broker or a wire format appears
 * here. Called from any thread of the application; nothing here blocks unless it says so.
 */
@NullMarked
package chat.engine;

import org.jspecify.annotations.NullMarked;
