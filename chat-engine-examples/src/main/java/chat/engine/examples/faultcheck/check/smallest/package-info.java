/**
 * Finds the smallest part of a history that breaks a promise, for people to read. Knows {@code
 * evidence} and {@code history}; runs on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check.smallest;

import org.jspecify.annotations.NullMarked;
