@NullMarked
package chat.engine.internal.util;

import org.jspecify.annotations.NullMarked;
