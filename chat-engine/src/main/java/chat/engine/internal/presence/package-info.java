@NullMarked
package chat.engine.internal.presence;

import org.jspecify.annotations.NullMarked;
