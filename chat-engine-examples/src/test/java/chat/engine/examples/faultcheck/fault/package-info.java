/** Shows that plans depend on their seed only. */
@NullMarked
package chat.engine.examples.faultcheck.fault;

import org.jspecify.annotations.NullMarked;
