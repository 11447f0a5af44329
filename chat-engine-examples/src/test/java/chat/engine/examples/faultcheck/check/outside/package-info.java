/** Histories told by hand that keep, or break, what is promised to the world outside. */
@NullMarked
package chat.engine.examples.faultcheck.check.outside;

import org.jspecify.annotations.NullMarked;
