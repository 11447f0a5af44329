/**
 * Programs that a reader can run, each showing one thing, and the benchmarks. They use the engine
 * as any application would, through its public API; nothing depends on them. Those that need
 * servers start them themselves. The parts of a program begin with its name ({@code Replay...},
 * {@code Load...}, {@code Console...}), those that speak to a chat-server with {@code Server...}.
 */
@NullMarked
package chat.engine.examples;

import org.jspecify.annotations.NullMarked;
