/** Shows that a history survives its file. */
@NullMarked
package chat.engine.examples.faultcheck.history;

import org.jspecify.annotations.NullMarked;
