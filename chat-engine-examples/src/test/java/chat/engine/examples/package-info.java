/**
 * Runs the example programs, and sees that the documentation shows what is built. Knows the
 * examples only; each test runs on the test's own thread.
 */
@NullMarked
package chat.engine.examples;

import org.jspecify.annotations.NullMarked;
