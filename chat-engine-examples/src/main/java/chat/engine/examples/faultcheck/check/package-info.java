/**
 * Proves the promises of the engine on a history, a class for each promise. Knows {@code history},
 * {@code evidence}, {@code view} and {@code rule}; stateless, runs on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check;

import org.jspecify.annotations.NullMarked;
