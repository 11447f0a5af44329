@NullMarked
package chat.engine.blocking;

import org.jspecify.annotations.NullMarked;
