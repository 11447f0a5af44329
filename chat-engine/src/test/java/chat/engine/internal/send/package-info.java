@NullMarked
package chat.engine.internal.send;

import org.jspecify.annotations.NullMarked;
