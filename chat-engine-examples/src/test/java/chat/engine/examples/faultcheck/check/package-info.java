/**
 * Shows that the checker passes a truthful history, and catches a falsified one of each promise.
 */
@NullMarked
package chat.engine.examples.faultcheck.check;

import org.jspecify.annotations.NullMarked;
