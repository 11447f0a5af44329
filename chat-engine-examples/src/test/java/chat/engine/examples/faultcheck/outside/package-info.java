/** Plans of faults, and the check of signatures. */
@NullMarked
package chat.engine.examples.faultcheck.outside;

import org.jspecify.annotations.NullMarked;
