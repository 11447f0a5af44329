/**
 * What every node of a run follows: a feed whose deliveries it records, and two bots that answer by
 * rules, so that the checker knows what they have to say. Uses the engine's public API and {@code
 * history}. Runs on the engine's threads for hooks.
 */
@NullMarked
package chat.engine.examples.faultcheck.feed;

import org.jspecify.annotations.NullMarked;
