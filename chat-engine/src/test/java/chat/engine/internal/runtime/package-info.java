@NullMarked
package chat.engine.internal.runtime;

import org.jspecify.annotations.NullMarked;
