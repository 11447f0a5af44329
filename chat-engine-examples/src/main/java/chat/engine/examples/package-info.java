/**
 * Programs that a reader can run, each showing one thing, and the benchmarks; their parts are in
 * the packages below. They use the engine as any application would, through its public API; nothing
 * depends on them. Those that need servers start them themselves.
 */
@NullMarked
package chat.engine.examples;

import org.jspecify.annotations.NullMarked;
