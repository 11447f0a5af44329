/** Holds the options of FaultCheck, and what a seed makes of them. */
@NullMarked
package chat.engine.examples.faultcheck;

import org.jspecify.annotations.NullMarked;
