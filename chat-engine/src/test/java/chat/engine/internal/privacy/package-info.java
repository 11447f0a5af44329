/** Tests of what users let others see, on a store in memory. */
@NullMarked
package chat.engine.internal.privacy;

import org.jspecify.annotations.NullMarked;
